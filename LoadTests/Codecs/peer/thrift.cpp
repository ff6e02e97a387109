// Apache Thrift's side of the codec benchmark. `codecs_types.h` is what `thrift --gen cpp:templates,moveable_types` makes
// of codecs.thrift.
//
// Two ways to call the same generated code: `virtual`, the one that generated servers and clients use by default, where
// every read goes through TProtocol and TTransport; and `template`, where protocol and transport are known to the compiler.
// Both keep protocol and buffer for all messages.

#include <thrift/config.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "codecs_types.h"
#include "codecs_types.tcc"
#include "peer.h"

using apache::thrift::protocol::TBinaryProtocolT;
using apache::thrift::protocol::TCompactProtocolT;
using apache::thrift::protocol::TProtocol;
using apache::thrift::transport::TMemoryBuffer;
using apache::thrift::transport::TTransport;

static uint64_t checksum(const codecs::SmallRecord& record) {
    return uint64_t(record.timestampMillis) + uint64_t(record.sequence) + record.name.size() + record.key.size() +
           uint64_t(record.isFinal) + uint64_t(record.amount) + uint64_t(record.ttlMillis) + record.note.size();
}

static uint64_t checksum(const codecs::KeyList& list) { return list.keys.size() + list.keys.back().size(); }

static uint64_t checksum(const codecs::TreeNode& node) {
    return uint64_t(node.number) + node.name.size() + node.children.size();
}

// `Concrete` is what the protocol is, `Seen` what the generated code is compiled for.
template <class Value, class Concrete, class Seen>
class ThriftCodec {
public:
    explicit ThriftCodec(const std::string& message)
        : message_(message),
          input_(std::make_shared<TMemoryBuffer>()),
          output_(std::make_shared<TMemoryBuffer>()),
          reader_(input_),
          writer_(output_) {
        read(value_);
    }

    void encode() {
        output_->resetBuffer();
        value_.write(static_cast<Seen*>(&writer_));
        output_->getBuffer(&bytes_, &count_);
    }

    uint64_t decode() {
        Value value;
        read(value);
        peer::keep(value);
        return checksum(value);
    }

    const char* bytes() const { return reinterpret_cast<const char*>(bytes_); }
    size_t count() const { return count_; }

private:
    void read(Value& value) {
        input_->resetBuffer(reinterpret_cast<uint8_t*>(&message_[0]), uint32_t(message_.size()));
        value.read(static_cast<Seen*>(&reader_));
    }

    std::string message_;
    std::shared_ptr<TMemoryBuffer> input_, output_;
    Concrete reader_, writer_;
    Value value_;
    uint8_t* bytes_ = nullptr;
    uint32_t count_ = 0;
};

template <class Value>
static void offerAll(const std::string& folder, const std::string& message, const std::string& variant, double millis,
                     const std::string& structure) {
    using Binary = TBinaryProtocolT<TMemoryBuffer>;
    using Compact = TCompactProtocolT<TMemoryBuffer>;
    peer::offer<ThriftCodec<Value, TBinaryProtocolT<TTransport>, TProtocol>>(
        folder, message, variant, millis, structure + ".binary", "virtual");
    peer::offer<ThriftCodec<Value, Binary, Binary>>(
        folder, message, variant, millis, structure + ".binary", "template");
    peer::offer<ThriftCodec<Value, TCompactProtocolT<TTransport>, TProtocol>>(
        folder, message, variant, millis, structure + ".compact", "virtual");
    peer::offer<ThriftCodec<Value, Compact, Compact>>(
        folder, message, variant, millis, structure + ".compact", "template");
}

int main(int count, char** arguments) {
    return peer::run(
        count, arguments, PACKAGE_VERSION,
        [](const std::string& folder, const std::string& message, const std::string& variant, double millis) {
            offerAll<codecs::SmallRecord>(folder, message, variant, millis, "small");
            offerAll<codecs::KeyList>(folder, message, variant, millis, "list");
            offerAll<codecs::TreeNode>(folder, message, variant, millis, "tree");
        });
}
