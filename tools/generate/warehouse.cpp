#include "warehouse.h"

#include <sqlite3.h>

#include <array>
#include <cstdio>
#include <memory>

#include "dice.h"
#include "people.h"
#include "sceau/base/handle.h"
#include "tables.h"

namespace sceau::generate {
namespace {

// One INSERT, filled from left to right.
class Inserter {
 public:
  Inserter(sqlite3* database, const TableDescription& table) {
    sqlite3_stmt* prepared = nullptr;
    failed_ =
        sqlite3_prepare_v2(database, insert_statement(table).c_str(), -1, &prepared, nullptr) != SQLITE_OK;
    statement_.reset(prepared);
  }
  // The text must stay until run().
  Inserter& text(std::string_view value) {
    sqlite3_bind_text(statement_.get(), ++at_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Inserter& whole(std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), ++at_, value);
    return *this;
  }
  Inserter& real(double value) {
    sqlite3_bind_double(statement_.get(), ++at_, value);
    return *this;
  }
  Inserter& null() {
    sqlite3_bind_null(statement_.get(), ++at_);
    return *this;
  }
  void run() {
    at_ = 0;
    failed_ = failed_ || sqlite3_step(statement_.get()) != SQLITE_DONE;
    sqlite3_reset(statement_.get());
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  Handle<sqlite3_stmt, sqlite3_finalize> statement_;
  int at_ = 0;
  bool failed_ = false;
};

struct Drug {
  std::int64_t cip = 0;  // 13 digits with an EAN-13 check digit
  int price = 0;         // cents
};

struct Substance {
  std::string_view atc;
  std::string_view name;
};
constexpr std::array<Substance, 16> substances = {{{"N02BE01", "PARACETAMOL"},
                                                   {"A02BC01", "OMEPRAZOLE"},
                                                   {"C10AA05", "ATORVASTATINE"},
                                                   {"A10BA02", "METFORMINE"},
                                                   {"C09AA05", "RAMIPRIL"},
                                                   {"B01AC06", "ACIDE ACETYLSALICYLIQUE"},
                                                   {"H03AA01", "LEVOTHYROXINE SODIQUE"},
                                                   {"J01CA04", "AMOXICILLINE"},
                                                   {"N06AB10", "ESCITALOPRAM"},
                                                   {"C07AB07", "BISOPROLOL"},
                                                   {"R03AC02", "SALBUTAMOL"},
                                                   {"M01AE01", "IBUPROFENE"},
                                                   {"A10AB05", "INSULINE ASPARTE"},
                                                   {"L04AB04", "ADALIMUMAB"},
                                                   {"J05AR20", "BICTEGRAVIR, EMTRICITABINE ET TENOFOVIR"},
                                                   {"B02BD02", "FACTEUR VIII"}}};
constexpr int packs_per_substance = 3;

std::int64_t with_check_digit(std::int64_t twelve) {
  std::int64_t rest = twelve;
  int sum = 0;
  for (int i = 0; i < 12; ++i, rest /= 10) sum += static_cast<int>(rest % 10) * (i % 2 == 0 ? 3 : 1);
  return twelve * 10 + (10 - sum % 10) % 10;
}

struct Date {
  std::array<char, 11> text{};
  [[nodiscard]] std::string_view view() const { return {text.data(), 10}; }
};

Date date(int year, int month, int day) {
  const auto two = [](int value, char* out) {
    out[0] = static_cast<char>('0' + value / 10 % 10);
    out[1] = static_cast<char>('0' + value % 10);
  };
  Date made;
  two(year / 100, made.text.data());
  two(year % 100, made.text.data() + 2);
  made.text[4] = made.text[7] = '-';
  two(month, made.text.data() + 5);
  two(day, made.text.data() + 8);
  return made;
}

// The first of the month that is `months` after January 2022.
struct Month {
  int year;
  int month;
};
Month month_after(int months) { return {2022 + months / 12, 1 + months % 12}; }

// One line of a care record, as three tables see it.
struct Line {
  Date available;
  Date entered;
  int batch = 1;
  const std::string* organisation = nullptr;
  std::int64_t statement = 0;
  int number = 1;
};

class Writer {
 public:
  Writer(sqlite3* database, const Size& size)
      : size_(size),
        dice_(size.seed),
        database_(database),
        nomenclature_(database, tables()[0]),
        beneficiary_(database, tables()[1]),
        dcirs_(database, tables()[2]),
        care_(database, tables()[3]),
        drug_(database, tables()[4]),
        stay_(database, tables()[5]) {}

  void write(const std::function<void(int)>& progress);
  [[nodiscard]] bool failed() const {
    return nomenclature_.failed() || beneficiary_.failed() || dcirs_.failed() || care_.failed() ||
           drug_.failed() || stay_.failed();
  }

 private:
  void write_nomenclature();
  void write_people();
  void write_month(int month, std::size_t rows);
  std::size_t write_statement(const Month& cared, Line line);
  void write_care(const Person& person, const Line& line, const Date& cared, int nature, int cents, int rate);
  void write_drug(const Line& line, const Drug& drug, int boxes);
  void write_stay(const Line& line);
  [[nodiscard]] const Drug& drug_for(const Person& person, std::size_t chosen) const;
  static void keys(Inserter& into, const Line& line);

  Size size_;
  Dice dice_;
  sqlite3* database_;
  Inserter nomenclature_;
  Inserter beneficiary_;
  Inserter dcirs_;
  Inserter care_;
  Inserter drug_;
  Inserter stay_;
  std::vector<Drug> drugs_;
  std::vector<Person> people_;
  std::vector<std::string> professionals_;
  std::vector<std::string> hospitals_;
  std::string organisation_;
};

void Writer::write_nomenclature() {
  for (std::size_t s = 0; s < substances.size(); ++s) {
    for (int pack = 0; pack < packs_per_substance; ++pack) {
      const int number = static_cast<int>(s) * packs_per_substance + pack;
      drugs_.push_back(
          {with_check_digit(340093000000LL + 1237LL * (number + 1)), 120 + number * number * 11});
      nomenclature_.whole(drugs_.back().cip).text(substances.at(s).atc).text(substances.at(s).name).run();
    }
  }
}

void Writer::write_people() {
  people_ = make_people(size_.people, dice_);
  for (const Person& person : people_) {
    const std::string anonymous = scramble(dice_, 17);
    const std::string identifier = scramble(dice_, 17);
    const std::string insured = dice_.percent(70) ? anonymous : scramble(dice_, 17);
    const bool dead = dice_.percent(person.birth_year < 1950 ? 8 : 1);
    const Date death = date(2023, dice_.between(1, 12), dice_.between(1, 28));
    const std::string death_month =
        std::string(death.view().substr(0, 4)) + std::string(death.view().substr(5, 2));
    const std::string birth_month = {static_cast<char>('0' + person.birth_month / 10),
                                     static_cast<char>('0' + person.birth_month % 10)};
    beneficiary_.text(person.key)
        .whole(person.twin_rank)
        .text(anonymous)
        .text(identifier)
        .whole(1)
        .text(insured);
    beneficiary_.text("2022-01-15").text("00").whole(person.birth_year).text(birth_month).whole(person.sex);
    if (dead) {
      beneficiary_.text(death.view()).text(death_month);
    } else {
      beneficiary_.null().null();
    }
    beneficiary_.text(person.fund).text(person.residence_department).text(person.residence_commune).whole(1);
    beneficiary_.text("2023-12-31").text(person.fund).text("2015-01-01").text("2023-12-31").run();
    dcirs_.text(identifier).whole(1).text(insured).whole(person.birth_year).whole(person.sex);
    dcirs_.text(person.residence_department).text(person.fund).whole(1).run();
  }
}

void Writer::keys(Inserter& into, const Line& line) {
  into.text(line.available.view()).text(line.entered.view()).whole(1).whole(20).whole(line.batch);
  into.text(*line.organisation).whole(line.statement).whole(line.number).whole(1);
}

void Writer::write_care(const Person& person, const Line& line, const Date& cared, int nature, int cents,
                        int rate) {
  const std::string_view day = cared.view();
  const std::array<char, 6> month = {day[0], day[1], day[2], day[3], day[5], day[6]};
  const std::string& professional =
      professionals_[static_cast<std::size_t>(dice_.below(static_cast<int>(professionals_.size())))];
  const std::string& prescriber =
      professionals_[static_cast<std::size_t>(dice_.below(static_cast<int>(professionals_.size())))];
  keys(care_, line);
  care_.text(person.key).whole(person.twin_rank).whole(2023 - person.birth_year).whole(person.birth_year);
  care_.whole(person.sex).text(person.residence_department).text(person.residence_commune);
  care_.whole(dice_.percent(8) ? 1 : 0).text(day).text({month.data(), month.size()}).text(day).whole(nature);
  const int reimbursed = cents * rate / 100;  // whole cents, rounded down
  care_.real(1).real(cents / 100.0).real(cents / 100.0).real(reimbursed / 100.0);
  care_.real(dice_.percent(10) ? dice_.between(1, 40) : 0).real(rate).whole(rate == 100 ? 4 : 0).whole(0);
  care_.whole(dice_.between(1, 12)).whole(dice_.percent(80) ? 1 : 12).text(professional).text(prescriber);
  care_.text(hospitals_[static_cast<std::size_t>(dice_.below(static_cast<int>(hospitals_.size())))]).run();
}

void Writer::write_drug(const Line& line, const Drug& drug, int boxes) {
  keys(drug_, line);
  drug_.whole(1).whole(drug.cip).whole(drug.cip / 10 % 10'000'000).whole(boxes).real(drug.price / 100.0);
  drug_.text("S").text("N").whole(dice_.below(4)).whole(0).run();
}

void Writer::write_stay(const Line& line) {
  keys(stay_, line);
  stay_.text(hospitals_[static_cast<std::size_t>(dice_.below(static_cast<int>(hospitals_.size())))]);
  stay_.whole(101).whole(dice_.between(1500, 9000)).whole(0).real(1).whole(dice_.percent(60) ? 3 : 4);
  stay_.whole(1).run();
}

// The last substances are for rare diseases: one person in sixty has the one or the other.
const Drug& Writer::drug_for(const Person& person, std::size_t chosen) const {
  constexpr std::size_t rare = 3;
  const std::size_t substance = chosen / packs_per_substance;
  if (substance + rare < substances.size()) return drugs_[chosen];
  const auto trait = static_cast<std::size_t>(person.birth_year * 12 + person.birth_month) % 60;
  return trait == substance ? drugs_[chosen] : drugs_[0];
}

// One statement of reimbursement: one person, one to six lines. Returns how many.
std::size_t Writer::write_statement(const Month& cared, Line line) {
  // Some people need far more care than others.
  const auto count = people_.size();
  const auto any = static_cast<std::size_t>(dice_.roll() % count);
  const auto heavy = static_cast<std::size_t>(dice_.roll() % (count / 5 + 1));
  const Person& person = people_[dice_.percent(30) ? heavy : any];
  const Date day = date(cared.year, cared.month, dice_.between(1, 28));
  const int rate = dice_.percent(25) ? 100 : 65;
  const int kind = dice_.below(100);
  if (kind < 45) {
    const int lines = dice_.between(1, 6);
    for (line.number = 1; line.number <= lines; ++line.number) {
      // Squared, so that the first drugs of the nomenclature are common and the last are rare.
      const double chance = dice_.below(10000) / 10000.0;
      const Drug& drug =
          drug_for(person, static_cast<std::size_t>(chance * chance * static_cast<double>(drugs_.size())));
      const int boxes = dice_.between(1, 3);
      write_care(person, line, day, dice_.percent(80) ? 3313 : 3317, drug.price * boxes, rate);
      write_drug(line, drug, boxes);
    }
    return static_cast<std::size_t>(lines);
  }
  const bool stay = kind >= 95;
  const int nature = stay ? 2222 : kind < 75 ? 1111 : kind < 85 ? 1112 : 3125;
  write_care(person, line, day, nature, stay ? dice_.between(50'000, 900'000) : dice_.between(1'200, 9'000),
             rate);
  if (stay) write_stay(line);
  return 1;
}

void Writer::write_month(int month, std::size_t rows) {
  const Month cared = month_after(month);
  const Month next = month_after(month + 1);
  Line line;
  line.available = date(next.year, next.month, 1);
  line.organisation = &organisation_;
  std::size_t written = 0;
  for (std::int64_t statement = 1; written < rows; ++statement) {
    // Batches are entered day after day, so that rows come in the order of their key.
    const int day = 1 + static_cast<int>(written * 28 / rows);
    line.entered = date(cared.year, cared.month, day < 28 ? day : 28);
    line.batch = day;
    line.statement = statement;
    written += write_statement(cared, line);
  }
}

void Writer::write(const std::function<void(int)>& progress) {
  organisation_ = "01C751000";
  for (int i = 0; i < 500; ++i) professionals_.push_back(scramble(dice_, 9));
  for (int i = 0; i < 40; ++i) hospitals_.push_back(scramble(dice_, 8));
  write_nomenclature();
  write_people();
  const std::size_t rows = size_.people * size_.rows_per_person;
  const auto months = static_cast<std::size_t>(size_.months);
  for (std::size_t month = 0; month < months && !failed(); ++month) {
    write_month(static_cast<int>(month), rows * (month + 1) / months - rows * month / months);
    progress(static_cast<int>((month + 1) * 100 / months));
  }
}

Status check(const std::filesystem::path& file, const Size& size) {
  if (std::filesystem::exists(file)) {
    return Error{ErrorKind::invalid,
                 "making " + file.string() + ": it is there already: remove it or name another"};
  }
  if (size.people < 1 || size.people > 50'000'000 || size.months < 1 || size.months > 240 ||
      size.rows_per_person > 100'000) {
    return Error{ErrorKind::invalid,
                 "making " + file.string() +
                     ": 1 to 50,000,000 people, 1 to 240 months, at most 100,000 rows a person"};
  }
  return {};
}

}  // namespace

Status write_warehouse(const std::filesystem::path& file, const Size& size,
                       const std::function<void(int)>& progress) {
  if (auto checked = check(file, size); !checked) return checked;
  const Error disk{ErrorKind::unavailable,
                   "making " + file.string() + ": it cannot be written: check folder and disk"};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(std::filesystem::absolute(file).c_str(), &opened);
  const Handle<sqlite3, sqlite3_close_v2> database(opened);
  const auto run = [&](const std::string& sql) {
    return sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  if (code != SQLITE_OK) return disk;
  // Nothing else reads the file while it is made: if it fails, it is made anew.
  if (!run("PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size "
           "= -65536;"
           "PRAGMA locking_mode = EXCLUSIVE; BEGIN")) {
    return disk;
  }
  for (const TableDescription& table : tables()) {
    if (!run(create_statement(table))) return disk;
  }
  bool failed = false;
  {
    Writer writer(opened, size);
    writer.write(progress);
    failed = writer.failed();
  }
  if (failed || !run("COMMIT; ANALYZE")) return disk;
  return {};
}

}  // namespace sceau::generate
