// What both peers of the codec benchmark share: reading messages, taking the time, answering.
//
//   PEER version
//   PEER check FOLDER                              decodes every message of the folder and writes what it encodes again,
//                                                  as MESSAGE.VARIANT
//   PEER measure FOLDER MESSAGE VARIANT MILLIS     prints "ENCODE-NANOSECONDS DECODE-NANOSECONDS CHECKSUM"
//
// A message is called STRUCTURE.FORMAT, as in `tree.binary`.

#pragma once

#include <ctime>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace peer {

inline std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

inline void write(const std::string& path, const char* bytes, size_t count) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes, static_cast<std::streamsize>(count));
    if (!file) throw std::runtime_error("cannot write " + path);
}

// User and system time of this thread: what the other processes of a shared machine do is not in it.
inline int64_t threadNanoseconds() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

// The value counts as used, whatever the optimiser knows of it.
template <class Value>
inline void keep(const Value& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

// Nanoseconds of one call, over about so many milliseconds. Batches are of a millisecond or more, so that asking for the
// time does not count; the calls that find the size of a batch warm up.
template <class Body>
double nanosecondsPerCall(double millis, uint64_t& checksum, Body body) {
    const int64_t batchMin = 1000000;
    int64_t calls = 1;
    while (true) {
        int64_t start = threadNanoseconds();
        for (int64_t call = 0; call < calls; ++call) checksum += body();
        if (threadNanoseconds() - start >= batchMin) break;
        calls *= 2;
    }
    int64_t spent = 0, done = 0;
    while (double(spent) < millis * 1e6) {
        int64_t start = threadNanoseconds();
        for (int64_t call = 0; call < calls; ++call) checksum += body();
        spent += threadNanoseconds() - start;
        done += calls;
    }
    return double(spent) / double(done);
}

// A codec encodes into memory that it uses again and gives it out, and decodes into a fresh value.
template <class Codec>
void check(const std::string& folder, const std::string& message, const std::string& variant) {
    Codec codec(contents(folder + "/" + message));
    codec.encode();
    write(folder + "/" + message + "." + variant, codec.bytes(), codec.count());
}

template <class Codec>
void measure(const std::string& folder, const std::string& message, double millis) {
    Codec codec(contents(folder + "/" + message));
    uint64_t checksum = 0;
    double encode = nanosecondsPerCall(millis / 2, checksum, [&] {
        codec.encode();
        keep(*codec.bytes());
        return uint64_t(codec.count());
    });
    double decode = nanosecondsPerCall(millis / 2, checksum, [&] { return codec.decode(); });
    std::printf("%.3f %.3f %llu\n", encode, decode, (unsigned long long)checksum);
}

// Either calls `each` with every message and variant, or with the one that is asked for.
template <class Each>
int run(int count, char** arguments, const char* version, Each each) {
    try {
        std::string verb = count > 1 ? arguments[1] : "";
        if (verb == "version" && count == 2) {
            std::printf("%s\n", version);
        } else if (verb == "check" && count == 3) {
            each(arguments[2], "", "", 0.0);
        } else if (verb == "measure" && count == 6) {
            each(arguments[2], arguments[3], arguments[4], std::atof(arguments[5]));
        } else {
            std::fprintf(stderr, "usage: version | check FOLDER | measure FOLDER MESSAGE VARIANT MILLIS\n");
            return 2;
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}

// One message and variant of those that a peer has.
template <class Codec>
void offer(const std::string& folder, const std::string& wanted, const std::string& wantedVariant, double millis,
           const std::string& message, const std::string& variant) {
    if (wanted.empty()) {
        check<Codec>(folder, message, variant);
    } else if (wanted == message && wantedVariant == variant) {
        measure<Codec>(folder, message, millis);
    }
}

}  // namespace peer
