#include "interleaving/scene.hpp"

#include "interleaving/legality.hpp"

namespace errand::testing {
namespace {

StoreOptions options_of(const DatabaseHome& home) {
  StoreOptions options = home.options();
  options.retention = {.succeeded = milliseconds{0}, .failed = milliseconds{0}};
  return options;
}

std::string kind_text(Event::Kind kind) {
  static const std::map<Event::Kind, std::string> texts{{Event::Kind::claimed, "claimed"},
                                                        {Event::Kind::held, "held"},
                                                        {Event::Kind::let_go, "let go"},
                                                        {Event::Kind::finished, "finished"},
                                                        {Event::Kind::put_back, "put back"},
                                                        {Event::Kind::refused, "refused"},
                                                        {Event::Kind::ended, "ended"},
                                                        {Event::Kind::blamed, "blamed"},
                                                        {Event::Kind::looked, "looked"},
                                                        {Event::Kind::cancelled, "cancelled"},
                                                        {Event::Kind::wished, "wished"},
                                                        {Event::Kind::retried, "retried"},
                                                        {Event::Kind::removed, "removed"},
                                                        {Event::Kind::failed_unknown, "unknown"}};
  return texts.at(kind);
}

std::string text_of(const Event& event) {
  return std::to_string(event.began) + "-" + std::to_string(event.ended_at) + ' ' +
         kind_text(event.kind) + " job " + std::to_string(event.job) + " process " +
         std::to_string(event.process) + " claim " + std::to_string(event.claim_seq) + '\n';
}

std::string text_of(const RowFacts& row) {
  return "row " + std::to_string(row.id) + ' ' + row.tag + " state " +
         std::to_string(static_cast<int>(row.state)) + " claim " + std::to_string(row.claim_seq) +
         " by " + std::to_string(row.claimed_by) + " attempt " + std::to_string(row.attempt) +
         " crashes " + std::to_string(row.crash_count) + " of " +
         std::to_string(row.rescheduled_from) + '\n';
}

JobState state_of(std::int64_t started, std::int64_t finished, const std::string& outcome) {
  if (finished == 0)
    return started == 0 ? JobState::scheduled : JobState::started;
  if (outcome == "succeeded")
    return JobState::succeeded;
  return outcome == "cancelled" ? JobState::cancelled : JobState::failed;
}

constexpr const char* rows_text =
    "SELECT id, tag, CASE WHEN cron_schedule <> '' THEN 1 ELSE 0 END, "
    "CASE WHEN started IS NULL THEN 0 ELSE 1 END, CASE WHEN finished IS NULL THEN 0 ELSE 1 END, "
    "coalesce(outcome, ''), claim_seq, coalesce(claimed_by, 0), attempt, crash_count, "
    "CASE WHEN cancel_requested THEN 1 ELSE 0 END, coalesce(rescheduled_from_job, 0) "
    "FROM worker_jobs ORDER BY id";

}  // namespace

Scene::Scene(const DatabaseHome& home) : home_{home}, store_{open_store(options_of(home))} {}

void Scene::begin(const PreparedJob& job) {
  delete_all_rows(*store_);
  ticks_ = 0;
  history_.clear();
  held_.clear();
  looks_.clear();
  for (const int number : {1, 2})
    workers_[number] =
        jobs().begin_process({.node = "n", .slot = number, .pid = number, .types = work_types});
  static const std::vector<std::string> others{"another type"};
  jobs().begin_process({.node = "n", .slot = 3, .pid = 3, .types = others});
  job_ = jobs().submit({&job, 1}).front().id;
}

std::vector<ClaimedJob> Scene::held(int number) {
  const std::lock_guard lock{mutex_};
  return held_[number];
}

void Scene::set_held(int number, std::vector<ClaimedJob> jobs) {
  const std::lock_guard lock{mutex_};
  held_[number] = std::move(jobs);
}

Scene::Look Scene::look_at(int number) {
  const std::lock_guard lock{mutex_};
  return looks_[number];
}

void Scene::set_look(int number, Look look) {
  const std::lock_guard lock{mutex_};
  looks_[number] = std::move(look);
}

/// Asked again until they are gone: to have the server wait for it takes a tenth of a second.
void Scene::lose_the_locks() {
  if (!home_.is_postgresql())
    return;
  const auto end_holders = [this] {
    return store_->database().with_transaction([](Transaction& tx) {
      return tx
          .query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              " WHERE datname = current_database() AND state = 'idle in transaction'")
          .size();
    });
  };
  while (end_holders() > 0) {
  }
}

void Scene::note(Event event, int began) {
  event.began = began;
  event.ended_at = tick();
  const std::lock_guard lock{mutex_};
  history_.push_back(event);
}

History Scene::history() {
  const std::lock_guard lock{mutex_};
  return history_;
}

std::vector<RowFacts> Scene::rows() {
  return store_->database().with_transaction([](Transaction& tx) {
    const SqlRows rows = tx.query(rows_text);
    std::vector<RowFacts> facts;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto number = [&](std::size_t column) {
        return rows.get<std::int64_t>(row, column);
      };
      facts.push_back({.id = number(0),
                       .tag = rows.get<std::string>(row, 1),
                       .is_cron = number(2) != 0,
                       .state = state_of(number(3), number(4), rows.get<std::string>(row, 5)),
                       .claim_seq = static_cast<int>(number(6)),
                       .claimed_by = number(7),
                       .attempt = static_cast<int>(number(8)),
                       .crash_count = static_cast<int>(number(9)),
                       .cancel_requested = number(10) != 0,
                       .rescheduled_from = number(11)});
    }
    return facts;
  });
}

std::string Scene::verdict() {
  const History history = this->history();
  const std::vector<RowFacts> rows = this->rows();
  std::string text;
  for (const std::string& breach : breaches_of(history, rows))
    text += breach + '\n';
  if (text.empty())
    return text;
  for (const Event& event : history)
    text += text_of(event);
  for (const RowFacts& row : rows)
    text += text_of(row);
  return text;
}

}  // namespace errand::testing
