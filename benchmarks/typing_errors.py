"""How people type their names into a phone: one way at a time, from what they are really called."""

import unicodedata
from collections.abc import Callable
from random import Random

from benchmarks.clerk import without_accents
from benchmarks.people import Person

Typed = tuple[str, str] | None  # first and last name; None where this cannot happen to this name
Way = Callable[[Random, Person], Typed]
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORT = {
    **{"Robert": "Bob Rob Bobby", "James": "Jim Jimmy", "William": "Bill Will Billy", "Michael": "Mike Mikey"},
    **{
        "David": "Dave",
        "Richard": "Dick Rick Rich",
        "Joseph": "Joe Joey",
        "Thomas": "Tom Tommy",
        "Daniel": "Dan Danny",
    },
    **{"Christopher": "Chris", "Matthew": "Matt", "Anthony": "Tony", "Andrew": "Andy Drew", "Joshua": "Josh"},
    **{"Kenneth": "Ken Kenny", "Timothy": "Tim", "Ronald": "Ron Ronnie", "Edward": "Ed Ted Eddie", "Jeffrey": "Jeff"},
    **{"Jacob": "Jake", "Nicholas": "Nick", "Jonathan": "Jon", "Stephen": "Steve", "Benjamin": "Ben", "Samuel": "Sam"},
    **{
        "Gregory": "Greg",
        "Alexander": "Alex",
        "Patrick": "Pat",
        "Raymond": "Ray",
        "Zachary": "Zach",
        "Douglas": "Doug",
    },
    **{"Patricia": "Pat Patty Trish", "Jennifer": "Jen Jenny", "Elizabeth": "Liz Beth Betty Lizzie", "Barbara": "Barb"},
    **{
        "Susan": "Sue Susie",
        "Jessica": "Jess",
        "Margaret": "Peggy Maggie Meg",
        "Kimberly": "Kim",
        "Deborah": "Debbie Deb",
    },
    **{"Rebecca": "Becky", "Cynthia": "Cindy", "Dorothy": "Dot Dottie", "Kathleen": "Kathy", "Angela": "Angie"},
    **{"Pamela": "Pam", "Samantha": "Sam", "Katherine": "Kate Kathy Katie", "Christine": "Chris", "Victoria": "Vicky"},
    **{"Christina": "Chris Tina", "Jacqueline": "Jackie", "Abigail": "Abby", "Theresa": "Terry", "Danielle": "Dani"},
    **{"José": "Pepe", "Jose": "Pepe", "Francisco": "Paco Pancho", "Jesús": "Chuy", "Guadalupe": "Lupe Lupita"},
    **{"Ignacio": "Nacho", "Eduardo": "Lalo", "Guillermo": "Memo", "Enrique": "Quique", "Salvador": "Chava"},
    **{"Dolores": "Lola", "Rosario": "Charo", "Pilar": "Pili", "Leticia": "Lety", "Roberto": "Beto", "Sergio": "Checo"},
    **{"Sergey": "Seryozha", "Aleksandr": "Sasha", "Dmitry": "Dima", "Mikhail": "Misha", "Ekaterina": "Katya"},
    **{"Olga": "Olya", "Tatiana": "Tanya", "Svetlana": "Sveta", "Mohammed": "Mo"},
}
ALSO_WRITTEN = {
    **{"Mohammed": "Muhammad Mohamed Mohammad", "Ahmed": "Ahmad", "Hassan": "Hasan", "Hussein": "Hussain Husain"},
    **{"Omar": "Umar", "Khalid": "Khaled", "Yusuf": "Yousef Youssef", "Fatima": "Fatimah Fatema", "Aisha": "Ayesha"},
    **{
        "Zainab": "Zaynab",
        "Mariam": "Maryam",
        "Layla": "Leila Laila",
        "Noor": "Nour",
        "Tariq": "Tarek",
        "Karim": "Kareem",
    },
    **{"Mustafa": "Mostafa", "Mahmoud": "Mahmood", "Abdulrahman": "Abdul+Rahman Abdelrahman", "Ibrahim": "Ebrahim"},
    **{"Sergey": "Sergei Сергей", "Aleksandr": "Alexander Александр", "Dmitry": "Dmitri Dmitriy Дмитрий"},
    **{
        "Andrey": "Andrei Андрей",
        "Alexey": "Aleksey Alexei Алексей",
        "Yuri": "Yuriy Юрий",
        "Nikolay": "Nikolai Николай",
    },
    **{"Evgeny": "Yevgeny Evgeniy Евгений", "Natalia": "Natalya Наталья", "Tatiana": "Tatyana Татьяна"},
    **{"Yulia": "Julia Iuliia Юлия", "Ekaterina": "Yekaterina Екатерина", "Ksenia": "Kseniya Ксения"},
    **{"Сергей": "Sergey Sergei", "Александр": "Aleksandr Alexander", "Дмитрий": "Dmitry Dmitri", "Юрий": "Yuri Yuriy"},
    **{"Наталья": "Natalia Natalya", "Татьяна": "Tatiana Tatyana", "Екатерина": "Ekaterina", "Юлия": "Yulia Yuliya"},
}
LETTERS = {"ü": "ue", "ö": "oe", "ä": "ae", "ø": "oe", "å": "aa", "ß": "ss", "æ": "ae"}


def as_she_is_called(random: Random, person: Person) -> Typed:
    return " ".join(person.given), " ".join(person.family)


def everyday_name(random: Random, person: Person) -> Typed:
    return person.given[0], " ".join(person.family)


def other_case(random: Random, person: Person) -> Typed:
    case = random.choice((str.upper, str.lower, str.swapcase))
    return _each(person, case)


def no_accents(random: Random, person: Person) -> Typed:
    plain = _each(person, without_accents)
    return plain if plain != _each(person, str) else None


def swapped(random: Random, person: Person) -> Typed:
    return " ".join(person.family), person.given[0]


def family_first_in_one(random: Random, person: Person) -> Typed:
    """Nguyễn Văn Anh: she types the first words, then the last."""
    words = " ".join((*person.family, *reversed(person.given))).split()
    return (" ".join(words[:-1]), words[-1]) if len(words) > 2 and person.culture == "Vietnamese" else None


def no_second_name(random: Random, person: Person) -> Typed:
    return (person.given[0], " ".join(person.family)) if len(person.given) > 1 else None


def second_name_only(random: Random, person: Person) -> Typed:
    return (person.given[1], " ".join(person.family)) if len(person.given) > 1 else None


def one_more_name(random: Random, person: Person) -> Typed:
    name = random.choice(("Ottilie", "Dov", "Marigold", "Ulises", "Luz"))
    return (f"{person.given[0]} {name}", " ".join(person.family)) if len(person.given) == 1 else None


def middle_initial(random: Random, person: Person) -> Typed:
    if len(person.given) < 2 or not without_accents(person.given[1]).isascii():
        return None
    return f"{person.given[0]} {person.given[1][0]}.", " ".join(person.family)


def one_family_name(random: Random, person: Person) -> Typed:
    return (person.given[0], random.choice(person.family)) if len(person.family) > 1 else None


def one_more_family_name(random: Random, person: Person) -> Typed:
    name = random.choice(("Lopez", "Jones", "Pham", "Whitfield"))
    return (person.given[0], f"{person.family[0]} {name}") if len(person.family) == 1 else None


def suffix_typed(random: Random, person: Person) -> Typed:
    suffix = random.choice(
        (person.suffix, person.suffix.strip(".").upper(), {"Jr.": "Junior"}.get(person.suffix, "sr"))
    )
    return (person.given[0], f"{person.family[0]} {suffix}") if person.suffix else None


def blanks_and_signs(random: Random, person: Person) -> Typed:
    sign = random.choice(("  ", " .", ",", " 😀", "\u200b ", " ❤️"))
    return f" {person.given[0]}{sign}", f"{' '.join(person.family)}{sign}"


def other_apostrophe_or_hyphen(random: Random, person: Person) -> Typed:
    to = random.choice(("", " ", "’", "-"))
    typed = _each(person, lambda name: name.replace("'", to).replace("’", to).replace("-", to))
    return typed if typed != _each(person, str) else None


def in_one_or_two_words(random: Random, person: Person) -> Typed:
    """Min-jun, Minjun and Min Jun; dela Cruz and Delacruz."""
    first, last = person.given[0], " ".join(person.family)
    if person.culture == "Korean":
        return random.choice((first.replace("-", ""), first.replace("-", " ").title())), last
    return (first, last.replace(" ", "")) if " " in last and len(person.family) == 1 else None


def full_width(random: Random, person: Person) -> Typed:
    typed = _each(person, lambda name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name))
    return typed if person.culture.startswith("Chinese") and typed != _each(person, str) else None


def other_spelling(random: Random, person: Person) -> Typed:
    last = " ".join(person.family)
    if others := ALSO_WRITTEN.get(person.given[0]):
        return random.choice(others.split()).replace("+", " "), last
    typed = _each(person, _spelled_out)
    return typed if typed != (person.given[0], last) else None


def short_name(random: Random, person: Person) -> Typed:
    short = SHORT.get(person.given[0])
    return (random.choice(short.split()), " ".join(person.family)) if short else None


def slip_in_first_name(random: Random, person: Person) -> Typed:
    return _slip(random, person.given[0]), " ".join(person.family)


def slip_in_last_name(random: Random, person: Person) -> Typed:
    return person.given[0], _slip(random, " ".join(person.family))


def two_slips(random: Random, person: Person) -> Typed:
    return _slip(random, person.given[0]), _slip(random, " ".join(person.family))


def initial_only(random: Random, person: Person) -> Typed:
    return person.given[0][0], " ".join(person.family)


def married_name(random: Random, person: Person) -> Typed:
    return person.given[0], random.choice(("Whitfield", "Castellanos", "Abernathy"))


def short_name_and_slip(random: Random, person: Person) -> Typed:
    typed = short_name(random, person)
    return (typed[0], _slip(random, typed[1])) if typed else None


# How many of a thousand questions. Nobody has counted what residents type; these are guesses, rather too many errors.
PROMISED: dict[Way, int] = {
    as_she_is_called: 180,
    everyday_name: 180,
    other_case: 120,
    no_accents: 70,
    no_second_name: 60,
    second_name_only: 15,
    one_more_name: 30,
    middle_initial: 50,
    one_family_name: 40,
    one_more_family_name: 20,
    suffix_typed: 20,
    swapped: 40,
    family_first_in_one: 10,
    blanks_and_signs: 50,
    other_apostrophe_or_hyphen: 25,
    in_one_or_two_words: 15,
    full_width: 5,
    other_spelling: 20,
    short_name: 30,
    slip_in_first_name: 20,
    slip_in_last_name: 20,
}
BEYOND: dict[Way, int] = {two_slips: 20, initial_only: 10, married_name: 10, short_name_and_slip: 5}


def _each(person: Person, change: Callable[[str], str]) -> tuple[str, str]:
    return change(person.given[0]), change(" ".join(person.family))


def _spelled_out(name: str) -> str:
    return "".join(LETTERS.get(c, c) for c in unicodedata.normalize("NFC", name))


def _slip(random: Random, name: str) -> str:
    """One letter left out, typed twice, beside its key, or two that changed places: each as likely, anywhere."""
    i = random.randrange(len(name))
    way = random.randrange(4)
    if way == 0:
        return name[:i] + name[i + 1 :]
    if way == 1:
        return name[:i] + random.choice((name[i].lower(), _beside(random, name[i]))) + name[i:]
    if way == 2:
        return name[:i] + _beside(random, name[i]) + name[i + 1 :]
    i = min(i, len(name) - 2)
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :] if len(name) > 1 else name


def _beside(random: Random, letter: str) -> str:
    plain = without_accents(letter).lower()
    row = next((row for row in KEYS if plain in row), None)
    if row is None:
        return "x"
    at = row.index(plain)
    return random.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2])
