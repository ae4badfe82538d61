#include "store/postgresql/lent_connection.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <fmt/format.h>

#include "base/time_text.hpp"
#include "store/postgresql/postgres_errors.hpp"

namespace errand::sql {
namespace {

using Value = SqlExecutor::Value;

constexpr auto lent_name = "the lent transaction";

/// To the microsecond; the API's form ends at milliseconds.
std::string time_text(TimePoint instant) {
  constexpr std::size_t up_to_the_dot = 20;
  const auto fraction = instant - std::chrono::floor<std::chrono::seconds>(instant);
  return iso8601(instant).substr(0, up_to_the_dot) + fmt::format("{:06}Z", fraction.count());
}

Value to_value(const Param& param) {
  switch (param.kind()) {
    case Param::Kind::null:
      return std::nullopt;
    case Param::Kind::integer:
      return std::to_string(param.integer());
    case Param::Kind::time:
      return time_text(TimePoint{std::chrono::microseconds{param.integer()}});
    case Param::Kind::real:
      return fmt::format("{}", param.real());
    case Param::Kind::text:
      return std::string{param.text()};
  }
  return std::nullopt;
}

class LentParameters final : public Parameters {
 public:
  void set(int number, const Param& value) override {
    const auto size = static_cast<std::size_t>(number);
    if (values_.size() < size)
      values_.resize(size);
    values_[size - 1] = to_value(value);
  }

  [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

 private:
  std::vector<Value> values_{};
};

/// Numbers and text, as the statements of a submission return them.
class LentRow final : public Row {
 public:
  explicit LentRow(const std::vector<Value>& values) : values_{values} {}

  [[nodiscard]] bool is_null(int column) const override { return !at(column).has_value(); }

  [[nodiscard]] std::int64_t integer(int column) const override {
    return number<std::int64_t>(column);
  }

  [[nodiscard]] double real(int column) const override { return number<double>(column); }

  [[nodiscard]] std::string_view text(int column) const override {
    const Value& value = at(column);
    return value ? std::string_view{*value} : std::string_view{};
  }

 private:
  [[nodiscard]] const Value& at(int column) const {
    return values_.at(static_cast<std::size_t>(column));
  }

  template <typename Number>
  [[nodiscard]] Number number(int column) const {
    const std::string_view digits = text(column);
    Number number{0};
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

  const std::vector<Value>& values_;
};

[[noreturn]] void refuse(std::string_view what) {
  throw Error{ErrorKind::bug,
              std::string{lent_name} + " is for submitting a job, not to " + std::string{what}};
}

std::string without_severity(std::string_view line) {
  constexpr std::string_view after_severity = ":  ";
  const auto at = line.find(after_severity);
  return std::string{at == std::string_view::npos ? line : line.substr(at + after_severity.size())};
}

/// Drivers hand on the sentence, its detail on a line of its own. The words are translated, their
/// form is not.
PostgresFailure failure_from(const SqlFailure& failure) {
  const std::string_view text = failure.what();
  const auto line_end = std::min(text.find('\n'), text.size());
  return {.sqlstate = failure.sqlstate(),
          .message = without_severity(text.substr(0, line_end)),
          .detail = std::string{text.substr(line_end)}};
}

[[noreturn]] void refuse_state(const PostgresFailure& failure) {
  if (failure.sqlstate == "25P01")
    throw Error{ErrorKind::invalid, std::string{lent_name} + " is none: BEGIN one first"};
  throw Error{ErrorKind::invalid, std::string{lent_name} + " has failed: roll it back"};
}

}  // namespace

LentConnection::LentConnection(std::shared_ptr<SqlExecutor> executor,
                               std::shared_ptr<const Clock> clock)
    : executor_{std::move(executor)},
      clock_{std::move(clock)},
      exceptions_{std::uncaught_exceptions()} {}

LentConnection::~LentConnection() {
  if (!has_savepoint_ || lost_)
    return;
  try {
    if (std::uncaught_exceptions() > exceptions_)
      executor_->run("ROLLBACK TO SAVEPOINT errand_lent", {});
    executor_->run("RELEASE SAVEPOINT errand_lent", {});
  } catch (const std::exception&) {  // then the caller's next statement fails too, and says why
    return;
  }
}

LentConnection::Rows LentConnection::ask(const std::string& sql,
                                         const std::vector<Value>& values,
                                         std::string_view what) {
  if (!has_savepoint_)
    send("SAVEPOINT errand_lent", {}, "savepoint");
  has_savepoint_ = true;
  return send(sql, values, what);
}

LentConnection::Rows LentConnection::send(const std::string& sql,
                                          const std::vector<Value>& values,
                                          std::string_view what) {
  try {
    return executor_->run(sql, values);
  } catch (const SqlFailure& thrown) {
    const PostgresFailure failure = failure_from(thrown);
    lost_ = breaks_connection(failure);
    if (failure.sqlstate == "25P01" || failure.sqlstate == "25P02")
      refuse_state(failure);
    throw_postgres_error(failure, what, lent_name);
  } catch (const std::exception& misuse) {
    throw Error{ErrorKind::invalid, std::string{lent_name} + " cannot be used: " + misuse.what()};
  }
}

void LentConnection::run(Query query, const Batch& batch) {
  const std::string sql{Statements::of_postgresql().text(query)};
  for (std::size_t item = 0; item < batch.times; ++item) {
    LentParameters parameters;
    if (batch.bind)
      batch.bind(item, parameters);
    const Rows rows = ask(sql, parameters.values(), name_of(query));
    for (const auto& values : rows)
      if (batch.on_row)
        batch.on_row(item, LentRow{values});
    if (batch.on_done)
      batch.on_done(item, static_cast<std::int64_t>(rows.size()));
  }
}

SqlRows LentConnection::run_text(std::string_view /*sql*/,
                                 const std::vector<SqlValue>& /*values*/,
                                 std::int64_t& /*changed*/) {
  refuse("run other statements; use its own driver");
}

void LentConnection::run_script(std::string_view /*sql*/) {
  refuse("migrate");
}

void LentConnection::begin() {
  refuse("begin another");
}

void LentConnection::commit() {
  refuse("be committed by errand");
}

const Habits& LentConnection::habits() const noexcept {
  static constexpr Habits one_by_one{
      .rows_per_statement = 1, .takes_fewer_rows = false, .claim_starts = true};
  return one_by_one;
}

TimePoint LentConnection::now() {
  if (clock_)
    return clock_->wall_now();
  const Rows rows =
      ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", {}, "now");
  return TimePoint{std::chrono::microseconds{LentRow{rows.at(0)}.integer(0)}};
}

NativeHandle LentConnection::native_handle() {
  refuse("be used by its handle");
}

}  // namespace errand::sql
