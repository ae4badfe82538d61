#include "jobs/bad_input.hpp"
#include "jobs/files.hpp"
#include "jobs/jobs.hpp"
#include "jobs/picture.hpp"

namespace demo {
namespace {

constexpr int width_max = 8192;

void check_width(int width) {
  if (width < 1 || width > width_max)
    throw errand::Error{errand::ErrorKind::invalid,
                        "a width of " + std::to_string(width) + " is not one of 1 to 8192",
                        "width"};
}

errand::Outcome resize(errand::JobContext& context,
                       const ResizeImage& image,
                       const Settings& settings) {
  check_width(image.width);
  const std::string bytes = read_file(settings.resolve(image.path));
  context.progress(0.1, "read");
  const Picture large = Picture::from_png(bytes);
  context.throw_if_cancelled();
  context.progress(0.5, "decoded");
  const Picture small = large.scaled_to(image.width);
  context.throw_if_cancelled();
  context.progress(0.8, "scaled");
  write_file(settings.resolve(image.output), small.to_png());
  context.progress(1.0, "written");
  context.log().info("resized", {{"from", large.width()}, {"to", small.width()}});

  errand::Json result{{"path", image.output}, {"width", small.width()}, {"height", small.height()}};
  errand::Json notification(result);
  notification["type"] = "imageReady";
  context.app().create_notification(context.job().user_id, notification);
  return errand::Outcome::success(std::move(result));
}

}  // namespace

errand::Outcome resize_image(errand::JobContext& context,
                             const ResizeImage& image,
                             const Settings& settings) {
  return give_up_on_bad_input("cannot resize " + image.path,
                              [&] { return resize(context, image, settings); });
}

}  // namespace demo
