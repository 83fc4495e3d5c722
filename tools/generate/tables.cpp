#include "tables.h"

namespace sceau::generate {
namespace {

using source::Column;
using source::Label;
using source::Type;

Column person_key(std::string_view name) { return {std::string(name), Label::person_key, Type::text}; }
Column direct(std::string_view name) { return {std::string(name), Label::direct_identifier, Type::text}; }
Column professional(std::string_view name) {
  return {std::string(name), Label::professional_identifier, Type::text};
}
Column record_key(std::string_view name) { return {std::string(name), Label::record_key, Type::integer}; }
Column potential(std::string_view name, Type type) {
  return {std::string(name), Label::potential_identifier, type};
}
Column measure(std::string_view name, Type type) { return {std::string(name), Label::measure, type}; }

// The nine columns that join the tables of one care record, in the order in which records arrive.
const std::vector<std::string_view>& nine_keys() {
  static const std::vector<std::string_view> keys = {"FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP",
                                                     "FLX_EMT_NUM", "FLX_EMT_ORD", "ORG_CLE_NUM",
                                                     "DCT_ORD_NUM", "PRS_ORD_NUM", "REM_TYP_AFF"};
  return keys;
}

std::vector<Column> with_nine_keys(std::vector<Column> others) {
  std::vector<Column> columns = {potential("FLX_DIS_DTD", Type::text),
                                 potential("FLX_TRT_DTD", Type::text),
                                 measure("FLX_EMT_TYP", Type::integer),
                                 record_key("FLX_EMT_NUM"),
                                 record_key("FLX_EMT_ORD"),
                                 potential("ORG_CLE_NUM", Type::text),
                                 record_key("DCT_ORD_NUM"),
                                 record_key("PRS_ORD_NUM"),
                                 measure("REM_TYP_AFF", Type::integer)};
  columns.insert(columns.end(), others.begin(), others.end());
  return columns;
}

std::vector<Column> beneficiary_columns() {
  return {person_key("BEN_NIR_PSA"),
          potential("BEN_RNG_GEM", Type::integer),
          direct("BEN_NIR_ANO"),
          direct("BEN_IDT_ANO"),
          measure("BEN_IDT_TOP", Type::integer),
          direct("ASS_NIR_ANO"),
          measure("BEN_IDT_MAJ", Type::text),
          measure("BEN_CDI_NIR", Type::text),
          potential("BEN_NAI_ANN", Type::integer),
          potential("BEN_NAI_MOI", Type::text),
          potential("BEN_SEX_COD", Type::integer),
          potential("BEN_DCD_DTE", Type::text),
          potential("BEN_DCD_AME", Type::text),
          potential("ORG_AFF_BEN", Type::text),
          potential("BEN_RES_DPT", Type::text),
          potential("BEN_RES_COM", Type::text),
          measure("BEN_TOP_CNS", Type::integer),
          potential("MAX_TRT_DTD", Type::text),
          potential("ORG_CLE_NEW", Type::text),
          measure("BEN_DTE_INS", Type::text),
          measure("BEN_DTE_MAJ", Type::text)};
}

std::vector<Column> care_columns() {
  return with_nine_keys({person_key("BEN_NIR_PSA"),
                         potential("BEN_RNG_GEM", Type::integer),
                         potential("BEN_AMA_COD", Type::integer),
                         potential("BEN_NAI_ANN", Type::integer),
                         potential("BEN_SEX_COD", Type::integer),
                         potential("BEN_RES_DPT", Type::text),
                         potential("BEN_RES_COM", Type::text),
                         potential("BEN_CMU_TOP", Type::integer),
                         potential("EXE_SOI_DTD", Type::text),
                         potential("EXE_SOI_AMD", Type::text),
                         potential("PRE_PRE_DTD", Type::text),
                         measure("PRS_NAT_REF", Type::integer),
                         measure("PRS_ACT_QTE", Type::real),
                         measure("PRS_PAI_MNT", Type::real),
                         measure("BSE_REM_BSE", Type::real),
                         measure("BSE_REM_MNT", Type::real),
                         measure("PRS_DEP_MNT", Type::real),
                         measure("RGO_REM_TAU", Type::real),
                         measure("EXO_MTF", Type::integer),
                         measure("DPN_QLF", Type::integer),
                         measure("PSE_SPE_COD", Type::integer),
                         measure("PSP_SPE_COD", Type::integer),
                         professional("PFS_EXE_NUM"),
                         professional("PFS_PRE_NUM"),
                         professional("ETB_PRE_FIN")});
}

std::vector<Column> drug_columns() {
  return with_nine_keys({measure("PHA_ORD_NUM", Type::integer), measure("PHA_PRS_C13", Type::integer),
                         measure("PHA_PRS_IDE", Type::integer), measure("PHA_ACT_QSN", Type::integer),
                         measure("PHA_ACT_PRU", Type::real), measure("PHA_DEC_TOP", Type::text),
                         measure("PHA_MOD_PRN", Type::text), measure("PHA_SEQ_RNV", Type::integer),
                         measure("PHA_SUB_MTF", Type::integer)});
}

std::vector<Column> stay_columns() {
  return with_nine_keys({professional("ETB_EXE_FIN"), measure("ETE_CAT_COD", Type::integer),
                         measure("ETE_GHS_NUM", Type::integer), measure("ETE_IND_TAA", Type::integer),
                         measure("ETE_MCO_COE", Type::real), measure("MDT_COD", Type::integer),
                         measure("PRS_PPU_SEC", Type::integer)});
}

std::vector<TableDescription> describe() {
  std::vector<std::string_view> drug_key = nine_keys();
  drug_key.emplace_back("PHA_ORD_NUM");
  return {
      {"IR_PHA_R",
       "",
       "",
       {},
       {"PHA_CIP_C13"},
       {measure("PHA_CIP_C13", Type::integer), measure("PHA_ATC_CLA", Type::text),
        measure("PHA_ATC_LIB", Type::text)}},
      {"IR_BEN_R", "BEN_NIR_PSA", "", {}, {"BEN_NIR_PSA", "BEN_RNG_GEM"}, beneficiary_columns()},
      {"IR_IBA_R",
       "",
       "IR_BEN_R",
       {"BEN_IDT_ANO"},
       {"BEN_IDT_ANO"},
       {direct("BEN_IDT_ANO"), measure("BEN_IDT_TOP", Type::integer), direct("ASS_NIR_ANO"),
        potential("BEN_NAI_ANN", Type::integer), potential("BEN_SEX_COD", Type::integer),
        potential("BEN_RES_DPT", Type::text), potential("ORG_AFF_BEN", Type::text),
        measure("BEN_TOP_CNS", Type::integer)}},
      {"ER_PRS_F", "BEN_NIR_PSA", "", {}, nine_keys(), care_columns()},
      {"ER_PHA_F", "", "ER_PRS_F", nine_keys(), drug_key, drug_columns()},
      {"ER_ETE_F", "", "ER_PRS_F", nine_keys(), nine_keys(), stay_columns()},
  };
}

std::string joined(const std::vector<std::string_view>& names, std::string_view quote) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out.append(quote).append(name).append(quote);
  }
  return out;
}

}  // namespace

const std::vector<TableDescription>& tables() {
  static const std::vector<TableDescription> described = describe();
  return described;
}

std::string create_statement(const TableDescription& table) {
  std::string out = "CREATE TABLE " + std::string(table.name) + " (";
  for (const Column& column : table.columns) {
    const std::string_view type = column.type == Type::text   ? "TEXT"
                                  : column.type == Type::real ? "REAL"
                                                              : "INTEGER";
    out.append(column.name).append(" ").append(type).append(", ");
  }
  return out + "PRIMARY KEY (" + joined(table.primary_key, "") + ")) WITHOUT ROWID";
}

std::string insert_statement(const TableDescription& table) {
  std::string out = "INSERT INTO " + std::string(table.name) + " VALUES (?";
  for (std::size_t i = 1; i < table.columns.size(); ++i) out += ",?";
  return out + ")";
}

std::string catalogue() {
  std::string out =
      "# The generated warehouse's catalogue: what each column is, and so what may become of it.\n"
      "# Names after schema-snds (Health Data Hub, Mozilla Public License 2.0).\n"
      "format = 1\n";
  for (const TableDescription& table : tables()) {
    out += "\n[tables." + std::string(table.name) + "]\n";
    if (!table.person.empty()) {
      out += "person = \"" + std::string(table.person) + "\"\n";
    } else if (!table.belongs_to.empty()) {
      out += "belongs_to = \"" + std::string(table.belongs_to) + "\"\njoined_on = [" +
             joined(table.joined_on, "\"") + "]\n";
    } else {
      out += "reference = true\n";
    }
    out += "[tables." + std::string(table.name) + ".columns]\n";
    for (const Column& column : table.columns) {
      out += column.name + " = { type = \"" + std::string(to_string(column.type)) + "\", label = \"" +
             std::string(to_string(column.label)) + "\" }\n";
    }
  }
  return out;
}

}  // namespace sceau::generate
