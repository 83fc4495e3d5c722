// A custodian's master on its way from another token into this one: the holders' shares, each sealed again to
// a key that lives as long as the restoration, until enough of them came. Holders see their own share and no
// other; no host sees the master.
#pragma once

#include "clearsign/share_form.h"

namespace sceau::firmware::clearsign {

class Restoration {
 public:
  explicit Restoration(KeyEngine& engine) : engine_(engine) {}

  // What shares sealed to this token name as their recipient.
  static constexpr std::string_view kRecipient = "restore";

  void clear();
  bool is_for(std::uint8_t slot) const { return context_.slot == slot; }

  // `context`: this token and the slot; `origin`: where the master was made. Makes the key, whose point this
  // gives. kHardware.
  Result<PublicKey> begin(const ShareContext& context, const ShareContext& origin);
  // One sealed share, of as many and with the threshold that the slot's policy names, by the holder of its
  // index. kInvalid: another form, or one that came; kCorrupt: not sealed to this restoration; kHardware.
  Status take(const Custodian& custodian, ByteView sealed);
  std::uint8_t missing(const Custodian& custodian) const {
    return static_cast<std::uint8_t>(custodian.threshold - taken_);
  }
  // The master. kInvalid: these shares are not of one master of that origin; kHardware.
  Result<Master> join() const;

 private:
  struct Share {
    std::uint8_t index = 0;
    PackedMaster bytes;
  };

  KeyEngine& engine_;
  ShareContext context_;
  ShareContext origin_;
  SecretArray<32> scalar_;
  std::uint8_t taken_ = 0;
  std::array<Share, kMaxHolders> shares_;
};

}  // namespace sceau::firmware::clearsign
