#include "store/postgresql/postgres_url.hpp"

#include <algorithm>
#include <errand/error.hpp>
#include <memory>

#include <libpq-fe.h>

namespace errand::sql {
namespace {

struct Default {
  const char* keyword{nullptr};
  const char* value{nullptr};
};

/// A server that is away is noticed in seconds, whether it refuses, vanishes or only reads.
constexpr Default defaults[] = {
    {"connect_timeout", "5"},
    {"tcp_user_timeout", "10000"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"target_session_attrs", "read-write"},
    {"fallback_application_name", "errand"},
    {"client_encoding", "UTF8"},
};

using Parsed = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

/// libpq's reason up to where it quotes the URI.
std::string reason_of(char* message) {
  const std::unique_ptr<char, decltype(&PQfreemem)> owned{message, &PQfreemem};
  if (message == nullptr)
    return "there is no memory";
  const std::string_view text{message};
  const auto quoted = text.find(": \"");
  return std::string{text.substr(0, std::min(quoted, text.find('\n')))};
}

Parsed parse(const std::string& url) {
  char* message = nullptr;
  Parsed parsed{PQconninfoParse(url.c_str(), &message), &PQconninfoFree};
  if (!parsed)
    throw Error{ErrorKind::invalid,
                "DATABASE_URL is not a PostgreSQL URI: " + reason_of(message) +
                    "; write postgresql://USER:PASSWORD@HOST:PORT/NAME, with special characters "
                    "as %XX",
                "DATABASE_URL"};
  return parsed;
}

}  // namespace

bool is_postgres_url(std::string_view url) noexcept {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

PostgresUrl::PostgresUrl(const std::string& url) {
  const Parsed parsed = parse(url);
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr)
      options_.push_back({option->keyword, option->val});
  where_ = describe();
  for (const auto& [keyword, value] : defaults)
    add_default(keyword, value);
}

void PostgresUrl::add_default(const char* keyword, const char* value) {
  if (!find(keyword))
    options_.push_back({keyword, value});
}

std::optional<std::string> PostgresUrl::find(std::string_view keyword) const {
  const auto found = std::find_if(options_.begin(), options_.end(), [&](const Option& option) {
    return option.keyword == keyword;
  });
  return found == options_.end() ? std::nullopt : std::optional{found->value};
}

std::string PostgresUrl::describe() const {
  std::string host = find("host").value_or(find("hostaddr").value_or("localhost"));
  if (const auto port = find("port"))
    host += ":" + *port;
  return host + "/" + find("dbname").value_or(find("user").value_or(""));
}

bool PostgresUrl::sets(std::string_view server_setting) const {
  const auto given = find("options");
  return given && given->find(server_setting) != std::string::npos;
}

std::vector<const char*> PostgresUrl::keywords() const {
  std::vector<const char*> all;
  for (const Option& option : options_)
    all.push_back(option.keyword.c_str());
  all.push_back(nullptr);
  return all;
}

std::vector<const char*> PostgresUrl::values() const {
  std::vector<const char*> all;
  for (const Option& option : options_)
    all.push_back(option.value.c_str());
  all.push_back(nullptr);
  return all;
}

}  // namespace errand::sql
