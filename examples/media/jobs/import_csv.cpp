#include <array>
#include <utility>

#include "jobs/bad_input.hpp"
#include "jobs/csv_reader.hpp"
#include "jobs/files.hpp"
#include "jobs/imported_rows.hpp"
#include "jobs/jobs.hpp"

namespace demo {
namespace {

// One batch is one transaction: long enough to be fast, short enough not to keep other writers
// waiting.
constexpr std::size_t batch_rows = 500;

struct Line {
  std::int64_t number{0};
  std::string fields{};
};

/// One run of one import: from blocks of the file to committed batches.
class Import {
 public:
  Import(errand::JobContext& context, ImportedRows table)
      : context_{context},
        table_{std::move(table)},
        // Retries are rows of their own; what they share is the first attempt.
        import_{context.job().root_job.value_or(context.job().id)} {
    context_.with_transaction([this](errand::Transaction& tx) {
      table_.create_if_missing(tx);
      committed_ = table_.lines_of(tx, import_);
    });
    resumed_at_ = committed_;
  }

  void take(std::vector<CsvRow> rows) {
    for (CsvRow& row : rows) {
      if (columns_.empty())
        columns_ = std::move(row);
      else
        take_row(std::move(row));
    }
  }

  void flush() {
    if (batch_.empty())
      return;
    context_.throw_if_cancelled();
    context_.with_transaction([this](errand::Transaction& tx) {
      for (const Line& line : batch_)
        table_.insert(tx, import_, line.number, line.fields);
    });
    committed_ = batch_.back().number;
    batch_.clear();
  }

  [[nodiscard]] std::int64_t lines() const { return line_; }

  [[nodiscard]] errand::Json summary() const {
    return {{"rows", line_ - rejected_}, {"rejected", rejected_}, {"resumedAt", resumed_at_}};
  }

 private:
  void take_row(CsvRow row) {
    ++line_;
    if (row.size() != columns_.size()) {
      ++rejected_;
      return;
    }
    if (line_ <= committed_)
      return;
    batch_.push_back({line_, fields_of(std::move(row))});
    if (batch_.size() >= batch_rows)
      flush();
  }

  [[nodiscard]] std::string fields_of(CsvRow row) const {
    errand::Json fields = errand::Json::object();
    for (std::size_t i = 0; i < row.size(); ++i)
      fields[columns_[i]] = std::move(row[i]);
    return fields.dump(-1, ' ', false, errand::Json::error_handler_t::replace);
  }

  errand::JobContext& context_;
  ImportedRows table_;
  errand::JobId import_;
  CsvRow columns_{};
  std::vector<Line> batch_{};
  std::int64_t line_{0};
  std::int64_t committed_{0};
  std::int64_t resumed_at_{0};
  std::int64_t rejected_{0};
};

void read_rows(errand::JobContext& context, const std::filesystem::path& path, Import& import) {
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  const File file = open_file(path, "rb");
  CsvReader reader;
  std::array<char, 32768> block{};
  double done = 0;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    import.take(reader.feed({block.data(), count}));
    done += static_cast<double>(count);
    context.progress(done / size, std::to_string(import.lines()) + " rows");
  }
  import.take(reader.finish());
  import.flush();
}

errand::Outcome run(errand::JobContext& context, const ImportCsv& csv, const Settings& settings) {
  const std::filesystem::path path = settings.resolve(csv.path);
  static_cast<void>(open_file(path, "rb"));  // a missing file is said before a table is made
  Import import{context, ImportedRows{csv.table}};
  read_rows(context, path, import);

  errand::Json result = import.summary();
  errand::Json notification(result);
  notification.update({{"type", "importFinished"}, {"path", csv.path}, {"table", csv.table}});
  context.app().create_notification(context.job().user_id, notification);
  return errand::Outcome::success(std::move(result));
}

}  // namespace

errand::Outcome import_csv(errand::JobContext& context,
                           const ImportCsv& csv,
                           const Settings& settings) {
  return give_up_on_bad_input("cannot import " + csv.path,
                              [&] { return run(context, csv, settings); });
}

}  // namespace demo
