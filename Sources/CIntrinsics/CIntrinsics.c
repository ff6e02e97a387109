// What is not inline: CRC32C, which chooses its way when it runs, and looking for zeros.
#include "CIntrinsics.h"
#include <string.h>

// The polynomial 0x1EDC6F41, bits reversed.
#define NT_CRC32C_POLYNOMIAL 0x82F63B78u

uint32_t nt_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    crc = ~crc;
    for (; count > 0; count--) {
        crc ^= *next++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (NT_CRC32C_POLYNOMIAL & (0u - (crc & 1)));
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t crc32c_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint64_t sum = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    for (; count > 0; count--) sum = __builtin_ia32_crc32qi((uint32_t)sum, *next++);
    return ~(uint32_t)sum;
}

uint32_t nt_crc32c(uint32_t crc, const void *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2")) return crc32c_instruction(crc, bytes, count);
    return nt_crc32c_portable(crc, bytes, count);
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
// HWCAP_CRC32 of the kernel's <asm/hwcap.h>.
#define NT_HWCAP_CRC32 (1ul << 7)

__attribute__((target("crc")))
static uint32_t crc32c_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t sum = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        sum = __builtin_arm_crc32cd(sum, word);
    }
    for (; count > 0; count--) sum = __builtin_arm_crc32cb(sum, *next++);
    return ~sum;
}

uint32_t nt_crc32c(uint32_t crc, const void *bytes, size_t count) {
    if (getauxval(AT_HWCAP) & NT_HWCAP_CRC32) return crc32c_instruction(crc, bytes, count);
    return nt_crc32c_portable(crc, bytes, count);
}
#else
uint32_t nt_crc32c(uint32_t crc, const void *bytes, size_t count) { return nt_crc32c_portable(crc, bytes, count); }
#endif

int nt_is_zero(const void *bytes, size_t count) {
    const uint8_t *first = bytes;
    // Each byte is compared with the one before, by the library's fastest loop.
    return count == 0 || (*first == 0 && memcmp(first, first + 1, count - 1) == 0);
}
