#!/usr/bin/env bash
# Makes the certificates of the TLS tests in the folder $1, with OpenSSL: committed ones would expire. Keys are of elliptic
# curves, which take milliseconds. Each certificate NAME.pem has its key in NAME.key.
set -euo pipefail
cd "$1"

# authority NAME: a certificate that signs others.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

# signed NAME AUTHORITY SUBJECT ALTERNATIVES [DAYS]: a certificate with these alternative names, or with none.
signed() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj "$3" -keyout "$1.key" -out "$1.csr"
    extensions="basicConstraints=CA:FALSE"
    [ -z "$4" ] || extensions="$extensions"$'\n'"subjectAltName=$4"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "${5:-2}" \
        -extfile <(printf '%s\n' "$extensions") -out "$1.pem"
}

authority ca
authority other-ca
signed server ca /CN=server "DNS:localhost,IP:127.0.0.1"
signed renewed ca /CN=renewed "DNS:localhost,IP:127.0.0.1"
signed elsewhere ca /CN=elsewhere "DNS:elsewhere.example"
signed expired ca /CN=expired "DNS:localhost,IP:127.0.0.1" -1
# Clients: named by alternatives, by the common name alone, by nothing; and one that nobody knows.
signed billing ca /CN=ignored "DNS:billing,URI:spiffe://example.org/billing"
signed ledger ca /CN=ledger ""
signed nameless ca /CN=nameless "email:someone@example.org"
signed stranger other-ca /CN=billing "DNS:billing"
# Of a curve that BoringSSL does not know.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -days 2 \
    -subj "/CN=unusable" -keyout unusable.key -out unusable.pem
openssl ec -in server.key -aes256 -passout pass:secret -out encrypted.key
