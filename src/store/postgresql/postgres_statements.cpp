// How a connection asks its statements: each prepared once, all of one round trip in one pipeline.

#include <utility>

#include <libpq-fe.h>

#include "store/postgresql/postgres_connection.hpp"
#include "store/postgresql/postgres_row.hpp"
#include "store/postgresql/postgres_values.hpp"
#include "store/statements.hpp"

namespace errand::sql {
namespace {

void each_row(const PGresult& result, std::size_t item, const Batch& batch) {
  for (int row = 0; batch.on_row && row < PQntuples(&result); ++row)
    batch.on_row(item, PostgresRow{result, row});
}

std::vector<std::string> prepared_names() {
  std::vector<std::string> names;
  for (const std::string_view name : query_names)
    names.push_back("errand_" + std::string{name});
  return names;
}

}  // namespace

struct PostgresConnection::Asked {
  Query query;
  const Batch& batch;
  const PostgresServer::Types& types;
  bool prepares;

  [[nodiscard]] std::size_t answers() const { return batch.times + (prepares ? 1 : 0); }
};

const PostgresServer::Types& PostgresConnection::types_of(Query query) {
  if (const auto* known = server_->types_of(query))
    return *known;
  const char* name = statement_name(query);
  PostgresPipeline pipeline{*handle_, patience()};
  const std::size_t openers = send_openers(pipeline);
  pipeline.prepare(name, Statements::of_postgresql().text(query).data(), {});
  pipeline.describe(name);
  const auto results = pipeline.run();
  note_prepared(query, results[openers]);
  check(results, pipeline, name_of(query));
  const PGresult* described = results[openers + 1].get();
  PostgresServer::Types types;
  for (int number = 0; number < PQnparams(described); ++number)
    types.push_back(PQparamtype(described, number));
  return server_->learn_types(query, std::move(types));
}

const char* PostgresConnection::statement_name(Query query) const {
  static const std::vector<std::string> names = prepared_names();
  return keeps_session_ ? names[static_cast<std::size_t>(query)].c_str() : "";
}

void PostgresConnection::run(Query query, const Batch& batch) {
  if (batch.times == 0)
    return;
  const Question alone{query, batch};
  run_together({&alone, 1});
}

void PostgresConnection::run_together(std::span<const Question> questions) {
  try {
    ask(questions);
  } catch (const Error&) {
    throw;
  } catch (...) {
    usable_ = false;  // what the session has prepared by now was perhaps not noted
    throw;
  }
}

PostgresConnection::Asked PostgresConnection::asked_of(const Question& question) {
  const auto& types = types_of(question.query);
  const bool prepares = keeps_session_ && !prepared_.test(static_cast<std::size_t>(question.query));
  return {question.query, question.batch, types, prepares};
}

void PostgresConnection::ask(std::span<const Question> questions) {
  std::vector<Asked> asked;
  asked.reserve(questions.size());
  for (const Question& question : questions)
    asked.push_back(asked_of(question));
  commit_sent_ = std::exchange(commits_along_, false);
  const bool by_itself = commit_sent_ && commits_by_itself();
  PostgresPipeline pipeline{*handle_, patience()};
  if (by_itself)
    openers_.clear();
  const std::size_t openers = send_openers(pipeline);
  for (const Asked& each : asked)
    send(pipeline, each);
  if (commit_sent_ && !by_itself)
    pipeline.query("COMMIT");
  const std::string_view last = name_of(questions.back().query);
  const auto sent = PlanWatch::Clock::now();
  const auto results = pipeline.run();
  plans_.answered(sent, PlanWatch::Clock::now());
  check(std::span{results}.first(openers), pipeline, last);
  receive(std::span{results}.subspan(openers), pipeline, asked);
  check(results, pipeline, last);
  if (commit_sent_ && !by_itself)
    expect_committed(*results.back());
  deliver(std::span{results}.subspan(openers), asked);
}

/// What is sent between two synchronisations is a transaction by itself, of the session's kind.
bool PostgresConnection::commits_by_itself() const {
  return begins_as_we_do_ && openers_.size() == 1;
}

void PostgresConnection::send(PostgresPipeline& pipeline, const Asked& asked) {
  const char* name = statement_name(asked.query);
  const char* text = Statements::of_postgresql().text(asked.query).data();
  if (asked.prepares)
    pipeline.prepare(name, text, asked.types);
  for (std::size_t item = 0; item < asked.batch.times; ++item) {
    PostgresParameters parameters{asked.types.size()};
    if (asked.batch.bind)
      asked.batch.bind(item, parameters);
    const EncodedValues values = parameters.encode(asked.types, name_of(asked.query));
    if (keeps_session_)
      pipeline.execute(name, values);
    else
      pipeline.query(text, asked.types, values, ResultForm::binary);
  }
}

/// Before an answer that failed is thrown.
void PostgresConnection::receive(std::span<const PostgresResult> answers,
                                 const PostgresPipeline& pipeline,
                                 std::span<const Asked> asked) {
  std::size_t next = 0;
  for (const Asked& each : asked) {
    if (each.prepares)
      note_prepared(each.query, answers[next]);
    next += each.answers();
  }
  next = 0;
  for (const Asked& each : asked) {
    check(answers.subspan(next, each.answers()), pipeline, name_of(each.query));
    next += each.answers();
  }
}

void PostgresConnection::deliver(std::span<const PostgresResult> answers,
                                 std::span<const Asked> asked) {
  std::size_t next = 0;
  for (const Asked& each : asked) {
    next += each.prepares ? 1 : 0;
    for (std::size_t item = 0; item < each.batch.times; ++item, ++next) {
      each_row(*answers[next], item, each.batch);
      if (each.batch.on_done)
        each.batch.on_done(item, changes_of(*answers[next]));
    }
  }
}

/// What is prepared stays so, even if the transaction fails.
void PostgresConnection::note_prepared(Query query, const PostgresResult& answer) {
  if (keeps_session_ && is_good(answer))
    prepared_.set(static_cast<std::size_t>(query));
}

std::size_t PostgresConnection::send_openers(PostgresPipeline& pipeline) {
  const bool has_failed = PQtransactionStatus(handle_) == PQTRANS_INERROR;
  if (keeps_session_ && !has_failed && plans_.take_doubt(PlanWatch::Clock::now()))
    openers_.push_back("DISCARD PLANS");
  for (const char* opener : openers_)
    pipeline.query(opener);
  const std::size_t sent = openers_.size();
  openers_.clear();
  return sent;
}

}  // namespace errand::sql
