#include "server/user_token.hpp"

#include <array>
#include <cmath>
#include <errand/error.hpp>
#include <errand/log.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "jobs/payload.hpp"
#include "server/authentication.hpp"
#include "server/base64url.hpp"
#include "server/web_server.hpp"

namespace errand {
namespace {

constexpr double seconds_max = 253402300799.0;  // year 9999

std::string signature_of(std::string_view text, std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const std::string signed_text{text};
  ::HMAC(::EVP_sha256(),
         key.data(),
         static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(signed_text.data()),
         signed_text.size(),
         bytes.data(),
         &size);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

/// `header.payload` of a token whose signature is right, else empty.
std::string_view signed_part(std::string_view token, std::string_view key) {
  const std::size_t dot = token.rfind('.');
  if (dot == std::string_view::npos)
    return {};
  const auto given = base64url_decode(token.substr(dot + 1));
  const std::string expected = signature_of(token.substr(0, dot), key);
  if (!given || given->size() != expected.size() ||
      ::CRYPTO_memcmp(given->data(), expected.data(), expected.size()) != 0)
    return {};
  return token.substr(0, dot);
}

std::optional<Json> decode_object(std::string_view encoded) {
  const auto text = base64url_decode(encoded);
  if (!text)
    return std::nullopt;
  try {
    Json object = parse_payload(*text, "jwtToken");
    if (object.is_object())
      return object;
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

bool header_agrees(const Json& header) {
  if (!has_text(header, "alg", "HS256"))
    return false;
  if (header.contains("typ") && !has_text(header, "typ", "JWT"))
    return false;
  for (const char* name : {"kid", "jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}) {
    if (header.contains(name))
      return false;
  }
  return true;
}

/// A claim in seconds since 1970, or nothing when it is no such number.
std::optional<TimePoint> instant_claim(const Json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_number())
    return std::nullopt;
  const double seconds = claim->get<double>();
  if (!(seconds >= 0 && seconds <= seconds_max))
    return std::nullopt;
  return TimePoint{std::chrono::microseconds{std::llround(seconds * 1e6)}};
}

bool begins_before(const Json& claims, const char* name, TimePoint instant) {
  if (!claims.contains(name))
    return true;
  const auto begin = instant_claim(claims, name);
  return begin && *begin <= instant;
}

std::optional<UserClaims> read_claims(const Json& claims, TimePoint now) {
  const auto expires = instant_claim(claims, "exp");
  if (!expires || *expires + token_leeway <= now)
    return std::nullopt;
  if (!begins_before(claims, "nbf", now + token_leeway) ||
      !begins_before(claims, "iat", now + token_leeway))
    return std::nullopt;
  const auto user = claims.find("userId");
  if (user == claims.end() || !user->is_number_integer() || user->get<std::int64_t>() <= 0)
    return std::nullopt;
  return UserClaims{user->get<std::int64_t>(), *expires};
}

std::int64_t whole_seconds(TimePoint instant) {
  return std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
}

}  // namespace

std::optional<UserClaims> check_user_token(std::string_view token,
                                           std::string_view key,
                                           TimePoint now) {
  if (token.size() > token_bytes_max || key.size() < session_key_chars_min)
    return std::nullopt;
  const std::string_view both = signed_part(token, key);
  const std::size_t dot = both.find('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  const auto header = decode_object(both.substr(0, dot));
  const auto claims = decode_object(both.substr(dot + 1));
  if (!header || !header_agrees(*header) || !claims)
    return std::nullopt;
  return read_claims(*claims, now);
}

std::string create_user_token(const std::string& key,
                              std::int64_t user_id,
                              TimePoint now,
                              milliseconds lifetime) {
  if (key.size() < session_key_chars_min)
    throw Error{ErrorKind::invalid,
                "cannot sign a user's token: SESSION_ENCRYPTION_KEY has " +
                    std::to_string(key.size()) + " characters; it needs at least 32",
                "SESSION_ENCRYPTION_KEY"};
  if (user_id <= 0)
    throw Error{ErrorKind::invalid,
                "cannot sign a user's token: userId is " + std::to_string(user_id) +
                    "; it must be positive",
                "userId"};
  const Json header{{"alg", "HS256"}, {"typ", "JWT"}};
  const Json claims{
      {"userId", user_id}, {"iat", whole_seconds(now)}, {"exp", whole_seconds(now + lifetime)}};
  const std::string both = base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
  return both + "." + base64url_encode(signature_of(both, key));
}

}  // namespace errand
