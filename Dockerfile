# Builds the command with the standard library inside it, and runs it in a slim image as a user without rights.
FROM swift:6.3.1-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends zlib1g-dev
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The manifest names the targets of tests and load harness, so their folders must be there; nothing in them is built.
COPY Tests Tests
COPY LoadTests LoadTests
RUN swift build --configuration release --static-swift-stdlib --product needletail \
    && mkdir -p /image/usr/local/bin /image/usr/local/libexec \
    && cp "$(swift build --configuration release --static-swift-stdlib --show-bin-path)/needletail" /image/usr/local/bin/ \
    && cp "$(dirname "$(readlink -f "$(command -v swift)")")/../libexec/swift/linux/swift-backtrace-static" /image/usr/local/libexec/

FROM debian:bookworm-slim
# The HTTP libraries bring TLS, which is C++, and compression.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/needletail --create-home needletail
COPY --from=build /image/ /
USER needletail
WORKDIR /var/lib/needletail
VOLUME /var/lib/needletail
# Without `interactive=no` a crash waits half a minute at a prompt that nobody sees.
ENV SWIFT_BACKTRACE=enable=yes,interactive=no,color=no,threads=crashed,images=none,swift-backtrace=/usr/local/libexec/swift-backtrace-static \
    NEEDLETAIL_RPC_HOST=0.0.0.0 \
    NEEDLETAIL_ADMIN_HOST=0.0.0.0 \
    NEEDLETAIL_LOGGING_FORMAT=json \
    NEEDLETAIL_LOG_DIRECTORY=/var/lib/needletail/data
EXPOSE 7400 7401
HEALTHCHECK --interval=10s --timeout=2s --start-period=10s CMD ["needletail", "ping", "--timeout", "1s"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["needletail"]
CMD ["serve"]
