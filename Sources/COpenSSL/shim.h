#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// A fresh key on the curve P-256. Here because `EVP_EC_gen` is a macro over a function with variadic arguments.
static inline EVP_PKEY *edged_make_p256_key(void) { return EVP_EC_gen("P-256"); }

/// HKDF-SHA-256 in one derivation. Here and not in Swift because a parameter keeps pointers to its name and value until the
/// call, longer than Swift lends the address of a string or an array. The casts drop a `const` that OpenSSL honours.
static inline int edged_hkdf_sha256(
    EVP_KDF_CTX *context, const unsigned char *secret, size_t secret_size, const unsigned char *salt, size_t salt_size,
    const unsigned char *info, size_t info_size, unsigned char *key, size_t key_size)
{
    OSSL_PARAM parameters[5];
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
    parameters[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_size);
    parameters[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_size);
    parameters[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_size);
    parameters[4] = OSSL_PARAM_construct_end();
    return EVP_KDF_derive(context, key, key_size, parameters);
}

/// A context for many HMAC-SHA-256 codes under one key; NULL on failure. Here for the same reason.
static inline EVP_MAC_CTX *edged_hmac_sha256(const unsigned char *key, size_t key_size)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!mac) return NULL;
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    OSSL_PARAM parameters[2];
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
    parameters[1] = OSSL_PARAM_construct_end();
    if (context && EVP_MAC_init(context, key, key_size, parameters) == 1) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

/// Gives back what OpenSSL allocated. Here because `OPENSSL_free` is a macro over a function that takes a file and a line.
static inline void edged_free(void *memory) { OPENSSL_free(memory); }
