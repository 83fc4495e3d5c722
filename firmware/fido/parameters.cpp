#include "fido/parameters.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::string_view kPublicKey = "public-key";
constexpr std::size_t kClientDataHash = 32;

// A coordinate of exactly 32 bytes.
CtapStatus read_coordinate(CborReader& reader, ByteSpan into) {
  const CtapResult<ByteView> bytes = reader.bytes();
  if (!bytes.ok()) return bytes.status();
  if (bytes.value().size() != into.size()) return CtapStatus::kInvalidParameter;
  copy(bytes.value(), into);
  return CtapStatus::kSuccess;
}

CtapStatus read_rp(CborReader& reader, MakeCredential& into) {
  return each_named(reader, [&](std::string_view name) {
    if (name == "id") {
      into.has_rp = true;
      return take(reader.text(), into.rp_id);
    }
    if (name == "name" || name == "icon") return reader.text().status();
    return skip(reader);
  });
}

CtapStatus read_algorithm(CborReader& reader, MakeCredential& into) {
  std::int64_t algorithm = 0;
  std::string_view type;
  bool has_algorithm = false;
  bool has_type = false;
  const CtapStatus status = each_named(reader, [&](std::string_view name) {
    if (name == "alg") {
      has_algorithm = true;
      return take(reader.integer(), algorithm);
    }
    if (name == "type") {
      has_type = true;
      return take(reader.text(), type);
    }
    return skip(reader);
  });
  if (status != CtapStatus::kSuccess) return status;
  if (!has_algorithm || !has_type) return CtapStatus::kMissingParameter;
  into.es256 = into.es256 || (algorithm == kEs256 && type == kPublicKey);
  return CtapStatus::kSuccess;
}

CtapStatus read_algorithms(CborReader& reader, MakeCredential& into) {
  into.has_algorithms = true;
  const CtapResult<std::size_t> count = reader.array();
  if (!count.ok()) return count.status();
  for (std::size_t i = 0; i < count.value(); ++i) {
    const CtapStatus status = read_algorithm(reader, into);
    if (status != CtapStatus::kSuccess) return status;
  }
  return CtapStatus::kSuccess;
}

CtapStatus read_options(CborReader& reader, Options& options) {
  return each_named(reader, [&](std::string_view name) {
    const CtapResult<bool> value = reader.boolean();
    if (name == "rk") {
      options.has_rk = true;
      return take(value, options.rk);
    }
    if (name == "up") {
      options.has_up = true;
      return take(value, options.up);
    }
    if (name == "uv") return take(value, options.uv);
    return value.status();
  });
}

// true and nothing else.
CtapStatus read_true(CborReader& reader, bool& into) {
  const CtapStatus status = take(reader.boolean(), into);
  if (status != CtapStatus::kSuccess) return status;
  return into ? status : CtapStatus::kInvalidOption;
}

CtapStatus read_extensions(CborReader& reader, MakeCredentialExtensions& into) {
  return each_named(reader, [&](std::string_view name) {
    if (name == "credProtect") {
      const CtapStatus status = take(reader.number(), into.cred_protect);
      if (status != CtapStatus::kSuccess) return status;
      const bool known = into.cred_protect >= 1 && into.cred_protect <= 3;
      return known ? status : CtapStatus::kInvalidOption;
    }
    if (name == "hmac-secret") return take(reader.boolean(), into.hmac_secret);
    if (name == "credBlob") {
      into.has_cred_blob = true;
      return take(reader.bytes(), into.cred_blob);
    }
    if (name == "largeBlobKey") return read_true(reader, into.large_blob_key);
    if (name == "minPinLength") return take(reader.boolean(), into.min_pin_length);
    return skip(reader);
  });
}

CtapStatus read_hmac_secret(CborReader& reader, HmacSecretInput& into) {
  into.present = true;
  bool has_salts = false;
  bool has_authentication = false;
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        return read_cose_point(reader, into.key);
      case 2:
        has_salts = true;
        return take(reader.bytes(), into.salts);
      case 3:
        has_authentication = true;
        return take(reader.bytes(), into.authentication);
      case 4:
        return take(reader.number(), into.protocol);
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  const bool whole = into.key.present && has_salts && has_authentication;
  return whole ? status : CtapStatus::kMissingParameter;
}

CtapStatus read_extensions(CborReader& reader, GetAssertionExtensions& into) {
  return each_named(reader, [&](std::string_view name) {
    if (name == "hmac-secret") return read_hmac_secret(reader, into.hmac_secret);
    if (name == "credBlob") return take(reader.boolean(), into.cred_blob);
    if (name == "largeBlobKey") return read_true(reader, into.large_blob_key);
    return skip(reader);
  });
}

CtapStatus read_param(CborReader& reader, PinAuth& auth) {
  auth.present = true;
  return take(reader.bytes(), auth.param);
}

CtapStatus read_protocol(CborReader& reader, PinAuth& auth) {
  auth.protocol_present = true;
  return take(reader.number(), auth.protocol);
}

CtapStatus check_hash(ByteView hash) {
  return hash.size() == kClientDataHash ? CtapStatus::kSuccess : CtapStatus::kInvalidLength;
}

}  // namespace

CtapStatus read_cose_point(CborReader& reader, CosePoint& into) {
  constexpr std::int64_t kEc2 = 2;
  constexpr std::int64_t kEcdhEsHkdf256 = -25;
  constexpr std::int64_t kP256 = 1;
  std::int64_t type = 0;
  std::int64_t algorithm = 0;
  std::int64_t curve = 0;
  bool x = false;
  bool y = false;
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        return take(reader.integer(), type);
      case 3:
        return take(reader.integer(), algorithm);
      case -1:
        return take(reader.integer(), curve);
      case -2:
        x = true;
        return read_coordinate(reader, ByteSpan(into.point).subspan(1, 32));
      case -3:
        y = true;
        return read_coordinate(reader, ByteSpan(into.point).subspan(33));
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  if (type == 0 || algorithm == 0 || curve == 0 || !x || !y) return CtapStatus::kMissingParameter;
  if (type != kEc2 || algorithm != kEcdhEsHkdf256 || curve != kP256) return CtapStatus::kInvalidParameter;
  into.point[0] = 0x04;
  into.present = true;
  return CtapStatus::kSuccess;
}

CtapStatus read_user(CborReader& reader, User& user) {
  return each_named(reader, [&](std::string_view name) {
    if (name == "id") {
      user.has_id = true;
      return take(reader.bytes(), user.id);
    }
    if (name == "name") return take(reader.text(), user.name);
    if (name == "displayName") return take(reader.text(), user.display_name);
    if (name == "icon") return reader.text().status();
    return skip(reader);
  });
}

CtapResult<ByteView> read_descriptor(CborReader& reader) {
  ByteView id;
  std::string_view type;
  bool has_id = false;
  bool has_type = false;
  const CtapStatus status = each_named(reader, [&](std::string_view name) {
    if (name == "id") {
      has_id = true;
      return take(reader.bytes(), id);
    }
    if (name == "type") {
      has_type = true;
      return take(reader.text(), type);
    }
    return skip(reader);
  });
  if (status != CtapStatus::kSuccess) return status;
  if (!has_id || !has_type) return CtapStatus::kMissingParameter;
  return type == kPublicKey ? id : ByteView();
}

CtapStatus CredentialList::read(CborReader& reader) {
  CborReader inside(reader.item());
  const CtapResult<std::size_t> count = inside.array();
  if (!count.ok()) return count.status();
  present_ = true;
  size_ = count.value();
  CborReader items = inside;
  for (std::size_t i = 0; i < size_; ++i) {
    const CtapResult<ByteView> id = read_descriptor(inside);
    if (!id.ok()) return id.status();
  }
  items_ = items.rest();
  return CtapStatus::kSuccess;
}

ByteView CredentialList::next_id(CborReader& reader) {
  const CtapResult<ByteView> id = read_descriptor(reader);
  return id.ok() ? id.value() : ByteView();
}

CtapStatus read_make_credential(ByteView message, MakeCredential& into) {
  CborReader reader(message);
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        return take(reader.bytes(), into.client_data_hash);
      case 2:
        return read_rp(reader, into);
      case 3:
        return read_user(reader, into.user);
      case 4:
        return read_algorithms(reader, into);
      case 5:
        return into.exclude.read(reader);
      case 6:
        return read_extensions(reader, into.extensions);
      case 7:
        return read_options(reader, into.options);
      case 8:
        return read_param(reader, into.auth);
      case 9:
        return read_protocol(reader, into.auth);
      case 10:
        into.has_enterprise = true;
        return take(reader.number(), into.enterprise);
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  const bool whole =
      into.client_data_hash.data() != nullptr && into.has_rp && into.user.has_id && into.has_algorithms;
  return whole ? check_hash(into.client_data_hash) : CtapStatus::kMissingParameter;
}

CtapStatus read_get_assertion(ByteView message, GetAssertion& into) {
  CborReader reader(message);
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        into.has_rp = true;
        return take(reader.text(), into.rp_id);
      case 2:
        return take(reader.bytes(), into.client_data_hash);
      case 3:
        return into.allow.read(reader);
      case 4:
        return read_extensions(reader, into.extensions);
      case 5:
        return read_options(reader, into.options);
      case 6:
        return read_param(reader, into.auth);
      case 7:
        return read_protocol(reader, into.auth);
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  const bool whole = into.client_data_hash.data() != nullptr && into.has_rp;
  return whole ? check_hash(into.client_data_hash) : CtapStatus::kMissingParameter;
}

CtapStatus read_client_pin(ByteView message, ClientPinParameters& into) {
  CborReader reader(message);
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        into.has_protocol = true;
        return take(reader.number(), into.protocol);
      case 2:
        into.has_subcommand = true;
        return take(reader.number(), into.subcommand);
      case 3:
        return read_cose_point(reader, into.key);
      case 4:
        into.has_param = true;
        return take(reader.bytes(), into.param);
      case 5:
        into.has_new_pin = true;
        return take(reader.bytes(), into.new_pin);
      case 6:
        into.has_pin_hash = true;
        return take(reader.bytes(), into.pin_hash);
      case 9:
        into.has_permissions = true;
        return take(reader.number(), into.permissions);
      case 10:
        into.has_rp_id = true;
        return take(reader.text(), into.rp_id);
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  return into.has_subcommand ? status : CtapStatus::kMissingParameter;
}

CtapStatus read_subcommand(ByteView message, Subcommand& into) {
  CborReader reader(message);
  const CtapStatus status = each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        into.present = true;
        return take(reader.number(), into.number);
      case 2:
        if (reader.type() != CborType::kMap) return CtapStatus::kCborUnexpectedType;
        into.parameters = reader.item();
        return CtapStatus::kSuccess;
      case 3:
        return read_protocol(reader, into.auth);
      case 4:
        return read_param(reader, into.auth);
      default:
        return skip(reader);
    }
  });
  if (status != CtapStatus::kSuccess) return status;
  return into.present ? status : CtapStatus::kMissingParameter;
}

CtapStatus read_large_blobs(ByteView message, LargeBlobs& into) {
  CborReader reader(message);
  return each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        into.has_get = true;
        return take(reader.number(), into.get);
      case 2:
        into.has_set = true;
        return take(reader.bytes(), into.set);
      case 3:
        into.has_offset = true;
        return take(reader.number(), into.offset);
      case 4:
        into.has_length = true;
        return take(reader.number(), into.length);
      case 5:
        return read_param(reader, into.auth);
      case 6:
        return read_protocol(reader, into.auth);
      default:
        return skip(reader);
    }
  });
}

}  // namespace sceau::firmware::fido
