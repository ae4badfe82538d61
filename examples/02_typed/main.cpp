// A payload as a struct: it is checked where it is submitted and decoded before the handler sees
// it. The handler says how it ended, and its type says when it is tried again.
#include <errand/errand.hpp>

using namespace std::chrono_literals;

struct ChargeCard {
  static constexpr std::string_view job_type = "chargeCard";
  std::string customer{};
  int cents{0};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(ChargeCard, customer, cents)
};

struct SendReceipt {
  static constexpr std::string_view job_type = "sendReceipt";
  std::string customer{};
  int cents{0};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(SendReceipt, customer, cents)
};

errand::Outcome charge_card(errand::JobContext& context, const ChargeCard& charge) {
  if (charge.cents <= 0)
    return errand::Outcome::give_up("nothing to charge: the amount must be positive");
  context.progress(0.5, "asking the bank");
  context.throw_if_cancelled();
  // A job may submit others; a receipt that still waits is kept, so that a second run adds none.
  context.app().worker_manager().submit_job(SendReceipt{charge.customer, charge.cents},
                                            {.tag = "receipt:" + charge.customer,
                                             .user_id = context.job().user_id,
                                             .on_pending_tag = errand::OnPendingTag::keep});
  return errand::Outcome::success({{"charged", charge.cents}});
}

int main(int argc, char** argv) {
  errand::JobRegistry jobs;
  jobs.add<ChargeCard>(
      charge_card,
      {.retry = errand::RetryPolicy::backoff({.first = 5s, .max_attempts = 5}), .timeout = 1min});
  jobs.add<SendReceipt>([](errand::JobContext& context, const SendReceipt& receipt) {
    context.log().info("receipt", {{"customer", receipt.customer}, {"cents", receipt.cents}});
  });
  return errand::main(argc, argv, std::move(jobs));
}
