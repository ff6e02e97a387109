// msgpack-cxx's side of the codec benchmark: the structs of codecs.thrift as maps keyed by names.
//
// Three ways to decode, all of the manual: `copy` unpacks into objects of their own and converts these into structs;
// `reference` lets the objects refer to the message meanwhile; `borrow` does so too and leaves binaries in the message,
// as Needletail's structs do. Encoding is the same in all: into one buffer that is used again.

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include <optional>
#include <vector>

#include "peer.h"

template <class Bytes>
struct SmallRecord {
    int64_t timestampMillis = 0;
    int32_t sequence = 0;
    std::string name;
    Bytes key;
    bool isFinal = false;
    double amount = 0;
    std::optional<int64_t> ttlMillis;
    std::optional<std::string> note;
    MSGPACK_DEFINE_MAP(timestampMillis, sequence, name, key, isFinal, amount, ttlMillis, note);
};

template <class Bytes>
struct KeyList {
    std::vector<Bytes> keys;
    MSGPACK_DEFINE_MAP(keys);
};

struct TreeNode {
    std::string name;
    int64_t number = 0;
    std::vector<TreeNode> children;
    MSGPACK_DEFINE_MAP(name, number, children);
};

using Copied = std::vector<char>;
using Borrowed = msgpack::type::raw_ref;

static uint64_t count(const Copied& bytes) { return bytes.size(); }
static uint64_t count(const Borrowed& bytes) { return bytes.size; }

template <class Bytes>
static uint64_t checksum(const SmallRecord<Bytes>& record) {
    return uint64_t(record.timestampMillis) + uint64_t(record.sequence) + record.name.size() + count(record.key) +
           uint64_t(record.isFinal) + uint64_t(record.amount) + uint64_t(record.ttlMillis.value_or(0)) +
           (record.note ? record.note->size() : 0);
}

template <class Bytes>
static uint64_t checksum(const KeyList<Bytes>& list) { return list.keys.size() + count(list.keys.back()); }

static uint64_t checksum(const TreeNode& node) {
    return uint64_t(node.number) + node.name.size() + node.children.size();
}

template <class Value, bool refers>
class MessagePackCodec {
public:
    explicit MessagePackCodec(const std::string& message) : message_(message), handle_(unpack()) {
        handle_.get().convert(value_);
    }

    void encode() {
        output_.clear();
        msgpack::pack(output_, value_);
    }

    uint64_t decode() {
        msgpack::object_handle handle = unpack();
        Value value;
        handle.get().convert(value);
        peer::keep(value);
        return checksum(value);
    }

    const char* bytes() const { return output_.data(); }
    size_t count() const { return output_.size(); }

private:
    msgpack::object_handle unpack() const {
        if (!refers) return msgpack::unpack(message_.data(), message_.size());
        return msgpack::unpack(
            message_.data(), message_.size(), [](msgpack::type::object_type, std::size_t, void*) { return true; });
    }

    std::string message_;
    // The value may refer to it.
    msgpack::object_handle handle_;
    Value value_;
    msgpack::sbuffer output_;
};

int main(int count, char** arguments) {
    return peer::run(
        count, arguments, MSGPACK_VERSION,
        [](const std::string& folder, const std::string& message, const std::string& variant, double millis) {
            auto offer = [&](auto codec, const char* offered, const char* way) {
                peer::offer<typename decltype(codec)::type>(folder, message, variant, millis, offered, way);
            };
            offer(std::common_type<MessagePackCodec<SmallRecord<Copied>, false>>(), "small.messagepack", "copy");
            offer(std::common_type<MessagePackCodec<SmallRecord<Copied>, true>>(), "small.messagepack", "reference");
            offer(std::common_type<MessagePackCodec<SmallRecord<Borrowed>, true>>(), "small.messagepack", "borrow");
            offer(std::common_type<MessagePackCodec<KeyList<Copied>, false>>(), "list.messagepack", "copy");
            offer(std::common_type<MessagePackCodec<KeyList<Copied>, true>>(), "list.messagepack", "reference");
            offer(std::common_type<MessagePackCodec<KeyList<Borrowed>, true>>(), "list.messagepack", "borrow");
            offer(std::common_type<MessagePackCodec<TreeNode, false>>(), "tree.messagepack", "copy");
            offer(std::common_type<MessagePackCodec<TreeNode, true>>(), "tree.messagepack", "reference");
        });
}
