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
# The HTTP libraries bring TLS, which is C++, and compression; TLS trusts the system's certificates unless told otherwise. The
# user's number does not depend on the base image, because volumes belong to it. (Those of an older image have to be given to it
# first: `chown -R 10001:10001`.)
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 needletail \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/needletail --create-home needletail
COPY --from=build /image/ /
# Settings are in a file, not in variables, which would beat a file of the user's own.
COPY config/image.yaml /etc/needletail/needletail.yaml
USER 10001:10001
WORKDIR /var/lib/needletail
VOLUME /var/lib/needletail
# Without `interactive=no` a crash waits half a minute at a prompt that nobody sees.
ENV SWIFT_BACKTRACE=enable=yes,interactive=no,color=no,threads=crashed,images=none,swift-backtrace=/usr/local/libexec/swift-backtrace-static
EXPOSE 7400 7401
# By the socket of image.yaml, which is there whatever ports and TLS are set to. A file of the user's own has to name it as well,
# or else serve plaintext on port 7400, or on the one that NEEDLETAIL_RPC_PORT says.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD \
    needletail ping --timeout 1s --unix-socket "${NEEDLETAIL_RPC_UNIX_SOCKET:-/dev/shm/needletail.sock}" \
    || needletail ping --timeout 1s --port "${NEEDLETAIL_RPC_PORT:-7400}" \
    || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["needletail"]
CMD ["serve", "--config", "/etc/needletail/needletail.yaml"]
