#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

/// Reads columns from left to right, so that a list of columns and a list of fields stay side by
/// side.
class Columns {
 public:
  explicit Columns(const Row& row) : row_{row} {}

  Columns& operator>>(std::int64_t& field) {
    field = row_.integer(next_++);
    return *this;
  }

  Columns& operator>>(int& field) {
    field = static_cast<int>(row_.integer(next_++));
    return *this;
  }

  Columns& operator>>(bool& field) {
    field = row_.integer(next_++) != 0;
    return *this;
  }

  Columns& operator>>(std::string& field) {
    field = row_.text(next_++);
    return *this;
  }

  Columns& operator>>(TimePoint& field) {
    field = row_.time(next_++);
    return *this;
  }

  Columns& operator>>(milliseconds& field) {
    field = milliseconds{row_.integer(next_++)};
    return *this;
  }

  template <typename T>
  Columns& operator>>(std::optional<T>& field) {
    if (row_.is_null(next_)) {
      field.reset();
      ++next_;
      return *this;
    }
    return *this >> field.emplace();
  }

 private:
  const Row& row_;
  int next_{0};
};

/// The `result` column holds what a handler returned or why it failed.
void place_result(Job& job, std::string_view text) {
  if (text.empty())
    return;
  (job.success == false ? job.error : job.result) = json_from(text);
}

std::optional<Progress> progress_from(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object())
    return std::nullopt;
  const auto done = json.find("done");
  const auto note = json.find("note");
  return Progress{done != json.end() && done->is_number() ? done->get<double>() : 0.0,
                  note != json.end() && note->is_string() ? note->get<std::string>() : ""};
}

JobState state_of(const Job& job) {
  if (!job.started && !job.finished)
    return JobState::scheduled;
  if (!job.finished)
    return JobState::started;
  if (job.success == true)
    return JobState::succeeded;
  return job.outcome == "cancelled" ? JobState::cancelled : JobState::failed;
}

}  // namespace

ClaimedJob claimed_from(const Row& row) {
  ClaimedJob job;
  bool is_rescheduled = false;
  milliseconds delay{0};
  std::string misfire;
  Columns columns{row};
  columns >> job.id >> job.claim_seq >> job.attempt >> job.max_attempts >> job.crash_count >>
      job.cancel_requested >> job.user_id >> job.priority >> job.due >> job.started >>
      job.created_at >> job.tag >> job.type >> job.queue >> job.data >> job.retry_policy >>
      is_rescheduled >> delay >> job.timeout >> job.cron_schedule >> job.timezone >> misfire >>
      job.cron_slot >> job.rescheduled_from_job >> job.root_job >> job.persistent >> job.meta;
  if (is_rescheduled)
    job.auto_reschedule_delay = delay;
  job.misfire = misfire_from(misfire);
  return job;
}

Job job_from(const Row& row) {
  Job job;
  std::string data;
  std::string meta;
  std::string result;
  std::string progress;
  Columns columns{row};
  columns >> job.id >> job.tag >> job.type >> job.user_id >> data >> job.due >> job.queue >>
      job.priority >> job.timeout >> job.unique_key >> job.concurrency_key >> job.cron_schedule >>
      job.timezone >> job.persistent >> job.remove_delay >> meta >> job.attempt >>
      job.max_attempts >> job.started >> job.finished >> job.success >> job.outcome >> job.reason >>
      result >> progress >> job.worker >> job.rescheduled_from_job >> job.root_job >>
      job.crash_count >> job.cancel_requested >> job.remove_at >> job.created_at >> job.updated_at;
  job.data = json_from(data);
  job.meta = meta.empty() ? Json(nullptr) : json_from(meta);
  place_result(job, result);
  job.progress = progress_from(progress);
  job.state = state_of(job);
  return job;
}

Json json_from(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(std::string{text}) : json;
}

std::string progress_text(const Progress& progress) {
  return Json{{"done", progress.done}, {"note", progress.note}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

std::string_view misfire_text(Misfire misfire) {
  switch (misfire) {
    case Misfire::skip:
      return "skip";
    case Misfire::all:
      return "all";
    case Misfire::latest:
      break;
  }
  return "latest";
}

Misfire misfire_from(std::string_view text) {
  if (text == "skip")
    return Misfire::skip;
  return text == "all" ? Misfire::all : Misfire::latest;
}

}  // namespace errand::sql
