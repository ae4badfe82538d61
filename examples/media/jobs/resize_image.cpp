#include "jobs/files.hpp"
#include "jobs/jobs.hpp"
#include "jobs/picture.hpp"

namespace demo {
namespace {

constexpr int width_max = 8192;

errand::Json facts(const ResizeImage& image, const Picture& small) {
  return {{"path", image.output}, {"width", small.width()}, {"height", small.height()}};
}

Picture decode(const ResizeImage& image, const std::string& bytes) {
  try {
    return Picture::from_png(bytes);
  } catch (const errand::Error& error) {
    throw errand::Error{error.kind(), "cannot resize " + image.path + ": " + error.what()};
  }
}

errand::Json resize(errand::JobContext& context,
                    const ResizeImage& image,
                    const Settings& settings) {
  const std::string bytes = read_file(settings.resolve(image.path));
  context.progress(0.1, "read");
  const Picture large = decode(image, bytes);
  context.throw_if_cancelled();
  context.progress(0.5, "decoded");
  const Picture small = large.scaled_to(image.width);
  context.throw_if_cancelled();
  context.progress(0.8, "scaled");
  write_file(settings.resolve(image.output), small.to_png());
  context.progress(1.0, "written");
  context.log().info("resized", {{"from", large.width()}, {"to", small.width()}});
  return facts(image, small);
}

}  // namespace

errand::Outcome resize_image(errand::JobContext& context,
                             const ResizeImage& image,
                             const Settings& settings) {
  if (image.width < 1 || image.width > width_max)
    return errand::Outcome::give_up("cannot resize " + image.path + " to a width of " +
                                    std::to_string(image.width) + ": 1 to 8192 are allowed");
  try {
    errand::Json result = resize(context, image, settings);
    errand::Json notification(result);
    notification["type"] = "imageReady";
    context.app().create_notification(context.job().user_id, notification);
    return errand::Outcome::success(std::move(result));
  } catch (const errand::Error& error) {
    if (error.kind() == errand::ErrorKind::invalid)
      return errand::Outcome::give_up(error.what());
    throw;
  }
}

}  // namespace demo
