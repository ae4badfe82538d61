#pragma once

#include <errand/errand.hpp>
#include <string>
#include <string_view>

#include "settings.hpp"

/// The four job types of the example. Each handler takes its tools as arguments, so that a test can
/// run it.
namespace demo {

/// Writes a PNG `width` pixels wide, in proportion, to `output`.
struct ResizeImage {
  static constexpr std::string_view job_type = "resizeImage";
  std::string path{};
  int width{0};
  std::string output{};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(ResizeImage, path, width, output)
};

/// Reads the rows of a CSV file with a header line into `table`, whose name begins with
/// "imported_". A run that was interrupted goes on where the last committed batch ended.
struct ImportCsv {
  static constexpr std::string_view job_type = "importCsv";
  std::string path{};
  std::string table{};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(ImportCsv, path, table)
};

/// Hands one message to the mail server. What it refuses for good fails at once; what may pass is
/// tried again.
struct SendEmail {
  static constexpr std::string_view job_type = "sendEmail";
  std::string to{};
  std::string subject{};
  std::string body{};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(SendEmail, to, subject, body)
};

inline constexpr std::string_view nightly_report = "nightlyReport";

[[nodiscard]] errand::Outcome resize_image(errand::JobContext& context,
                                           const ResizeImage& image,
                                           const Settings& settings);
[[nodiscard]] errand::Outcome import_csv(errand::JobContext& context,
                                         const ImportCsv& import,
                                         const Settings& settings);
[[nodiscard]] errand::Outcome send_email(errand::JobContext& context,
                                         const SendEmail& email,
                                         const Settings& settings);

/// An HTML page about everything in the database: jobs by type and outcome, last failures, imported
/// rows, mail.
[[nodiscard]] errand::Outcome write_report(errand::JobContext& context, const Settings& settings);

/// All four, with their retry policies, time limits and schedule.
[[nodiscard]] errand::JobRegistry make_registry(const Settings& settings);

}  // namespace demo
