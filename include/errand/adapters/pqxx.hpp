#pragma once

#include <errand/borrowed_transaction.hpp>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace errand {

/// A libpqxx transaction (versions 6 and 7) as errand sees it. Use `borrow`.
class PqxxExecutor final : public SqlExecutor {
 public:
  explicit PqxxExecutor(pqxx::dbtransaction& transaction) : transaction_{transaction} {}

  std::vector<std::vector<Value>> run(const std::string& sql,
                                      const std::vector<Value>& values) override {
    try {
      return rows_of(execute(sql, values));
    } catch (const pqxx::broken_connection& failure) {
      throw SqlFailure{"", failure.what()};
    } catch (const pqxx::sql_error& failure) {
      throw SqlFailure{failure.sqlstate(), failure.what()};
    }
  }

 private:
  [[nodiscard]] pqxx::result execute(const std::string& sql, const std::vector<Value>& values) {
    if (values.empty())  // version 6 begins a transaction at its first `exec`, not at `exec_params`
      return transaction_.exec(sql);
#if PQXX_VERSION_MAJOR >= 7
    pqxx::params parameters;
    for (const Value& value : values) {
      if (value)
        parameters.append(*value);
      else
        parameters.append();
    }
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 9
    return transaction_.exec(pqxx::zview{sql}, parameters);
#else
    return transaction_.exec_params(pqxx::zview{sql}, parameters);
#endif
#else
    std::vector<const char*> texts;
    for (const Value& value : values)
      texts.push_back(value ? value->c_str() : nullptr);
    return transaction_.exec_params(sql, pqxx::prepare::make_dynamic_params(texts));
#endif
  }

  [[nodiscard]] static std::vector<std::vector<Value>> rows_of(const pqxx::result& result) {
    std::vector<std::vector<Value>> rows;
    for (const auto& row : result) {
      auto& values = rows.emplace_back();
      for (const auto& field : row)
        values.push_back(field.is_null() ? Value{} : Value{field.c_str()});
    }
    return rows;
  }

  pqxx::dbtransaction& transaction_;
};

/// Lends a libpqxx transaction, which must outlive the result:
/// `manager.submit_job(errand::borrow(work), {.tag = "t", .type = "x"})`. A `pqxx::nontransaction`
/// is none, and does not compile.
[[nodiscard]] inline BorrowedTransaction borrow(pqxx::dbtransaction& transaction) {
  return BorrowedTransaction{std::make_shared<PqxxExecutor>(transaction)};
}

}  // namespace errand
