#include "server/authentication.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "server/ascii.hpp"
#include "server/user_token.hpp"

namespace errand {

Authenticator::Digest Authenticator::digest_of(std::string_view text) {
  Digest digest{};
  std::string bytes{text};
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  ::OPENSSL_cleanse(bytes.data(), bytes.size());
  return digest;
}

Authenticator::Authenticator(std::string_view admin_token, std::string session_encryption_key)
    : has_admin_{!admin_token.empty()},
      admin_digest_{digest_of(admin_token)},
      key_{std::move(session_encryption_key)} {}

Identity Authenticator::identify(std::string_view token, TimePoint now) const {
  if (token.empty() || token.size() > token_bytes_max)
    return {};
  const Digest digest = digest_of(token);
  // Digests have one length, so the comparison tells nothing about the token's.
  const bool same = ::CRYPTO_memcmp(digest.data(), admin_digest_.data(), digest.size()) == 0;
  if (same && has_admin_)
    return {Identity::Kind::admin, 0, TimePoint::max()};
  return identify_user(token, now).value_or(Identity{});
}

std::optional<Identity> Authenticator::identify_user(std::string_view token, TimePoint now) const {
  const auto claims = check_user_token(token, key_, now);
  if (!claims)
    return std::nullopt;
  return Identity{Identity::Kind::user, claims->user_id, claims->expires};
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (lowered(authorization.substr(0, scheme.size())) != scheme)
    return {};
  return authorization.substr(scheme.size());
}

}  // namespace errand
