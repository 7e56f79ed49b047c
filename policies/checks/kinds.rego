package checks

_error(title, remedy) := {"title": title, "remedy": remedy, "level": "error"}

_warning(title, remedy) := {"title": title, "remedy": remedy, "level": "warning"}

# What each finding is, what to do about it, and whether a policy with it could decide wrongly (error: no bundle is
# built) or only lacks something that people need (warning). A check of your own adds an entry.
kinds := {
	"ABSENCE_UNSTATED": _error(
		"Nothing is found wrong where nothing is known",
		"State the field in a helper that a head negates (is_string, is_array, a count above 0), or list what is allowed in place of what is not.",
	),
	"ACCEPTED_NOTHING": _warning(
		"A finding is accepted that is not there",
		"Take it out of custom.accepted of the package's METADATA.",
	),
	"ADDRESS_IN_PART": _error(
		"A part of an address is compared",
		"Compare the whole address, with == or as the key of an object: anybody can make one that begins or ends alike.",
	),
	"ADDRESS_LITERAL": _error(
		"An address stands in Rego",
		"Put it into the rule's data, where its spelling is checked and people see who listed it.",
	),
	"ANNOTATION_INCOMPLETE": _warning(
		"A reason is not documented",
		"Give the head METADATA with title, description and custom code, severity, remediation and owner.",
	),
	"ANNOTATION_WITHOUT_HEAD": _warning(
		"A documented code is nobody's",
		"Put the METADATA directly above the head with this code, or take it out.",
	),
	"CASE_FOLDED": _error(
		"Letters of an address are changed",
		"Compare addresses as they are: facts and data have them in canonical form, and in base58 (Bitcoin, TRON, Solana) a letter in another case is another address.",
	),
	"CODE_DIFFERS": _warning(
		"Head and METADATA disagree about the code",
		"Write the same code in both.",
	),
	"CODE_MALFORMED": _error(
		"A code has another form",
		"Write codes in capitals, digits and underscores, with a letter first and at most 64 characters.",
	),
	"CODE_NOT_UNIQUE": _error(
		"A code has more than one head",
		"Give every head a code of its own; several ways to one code are several bodies of its helper.",
	),
	"CODE_WITHOUT_CASE": _warning(
		"A reason is in no case",
		"Write a case in cases/ that expects the code.",
	),
	"DECLARATION_DECIDES": _error(
		"A decision rests on what the requester says",
		"Decide on input.facts. A rule that only takes away says so in custom.accepted of its package's METADATA.",
	),
	"DIRECTORY_DIFFERS": _error(
		"A package lies elsewhere",
		"Give the package the path of its directory, so that the profile finds it.",
	),
	"ENTRYPOINTS": _error(
		"There is more or less than one entrypoint",
		"Leave `entrypoint: true` at data.placet.main.decision only.",
	),
	"ENUM_UNKNOWN": _error(
		"A value that the input never has",
		"Compare with one of the values that schemas/input.schema.json lists for the field.",
	),
	"FACT_DEFAULTED": _error(
		"A missing fact has a default",
		"Read the fact directly, so that its absence is undefined and the head that negates the helper fires.",
	),
	"FACT_UNKNOWN": _error(
		"A fact is misspelt in a text",
		"Use a name of schemas/input.schema.json; in object.get OPA does not check it.",
	),
	"FLOAT_USED": _error(
		"A number is no integer",
		"Count in the smallest unit, and keep amounts as decimal strings in data.",
	),
	"HEAD_NOT_LITERAL": _error(
		"A head is no plain code",
		"Write `deny contains \"CODE\" if …`; a code that is computed can be undefined, and then nothing objects.",
	),
	"HEAD_NOT_NEGATED": _error(
		"A head vanishes where its condition is undefined",
		"State what is right in a helper without arguments, and negate that: `not _within_limit`.",
	),
	"INPUT_IMPORTED": _error(
		"The input has another name",
		"Write input.… in full, so that every check sees what is read.",
	),
	"MESSAGE_VARIES": _error(
		"A message can conflict with itself",
		"Write one message a code, without condition and without a variable in a reference; put what varies into a helper that is a set.",
	),
	"NAME_SHADOWED": _error(
		"A local name hides a rule",
		"Give the variable a name that no rule of the package has.",
	),
	"NAME_UNKNOWN": _error(
		"Nobody asks for a rule of this name",
		"Name it deny or hold, or start it with an underscore if it is a helper.",
	),
	"NEGATED_ABSENCE": _error(
		"A negation is true where nothing is known",
		"State what is right in a helper, with input and data in it, and negate the helper.",
	),
	"NOT_CONFIGURED_MISSING": _error(
		"An empty list is judged as if it were configured",
		"Add `hold contains \"…_NOT_CONFIGURED\" if not _configured`, and `_configured` to the other heads.",
	),
	"PACKAGE_NOT_ANNOTATED": _warning(
		"A package is not documented",
		"Put METADATA with title and description above `package`.",
	),
	"PERMISSIVE_DEFAULT": _error(
		"What is not said passes",
		"Leave the helper undefined where its condition does not hold, or let the default be the cautious one.",
	),
	"PRINT_USED": _error(
		"A policy prints",
		"Take print out: it would write requests into OPA's log.",
	),
	"PROFILE_MISSING": _error(
		"A request type has no profile",
		"Name its rules in bundle/placet/profiles/data.json.",
	),
	"PROFILE_NAMES_NOTHING": _error(
		"A profile names a rule that is not there",
		"Correct the name or add the rule; until then everything under the profile holds.",
	),
	"PROFILE_WITHOUT_FREEZE": _error(
		"A profile passes the freeze by",
		"Name freeze in every profile: what is frozen is frozen for every request.",
	),
	"REGEX_NOT_ANCHORED": _error(
		"A pattern matches parts",
		"Begin the pattern with ^ and end it with $; give glob.match its delimiters.",
	),
	"RULE_UNNAMED": _error(
		"A rule is in no profile",
		"Name it in bundle/placet/profiles/data.json, or say in custom.unused of its package why it does not run.",
	),
	"RULE_WITHOUT_ALLOW": _warning(
		"Nothing shows that a rule lets anything through",
		"Write a case that is allowed under a profile which names the rule.",
	),
	"RULE_WITHOUT_HEAD": _error(
		"A rule objects to nothing",
		"Give it a deny or a hold, or move it to placet/lib.",
	),
	"RULE_WITHOUT_TEST": _warning(
		"A rule has no test",
		"Write NAME_test.rego beside it.",
	),
	"SCHEMA_OVERRIDDEN": _error(
		"A rule chooses its own schema",
		"Take `schemas` out of the METADATA: placet.rego names the schema for all.",
	),
	"TEXT_AND_NUMBER": _error(
		"A text is compared with a number",
		"Read the text with amounts.parse of placet/lib/amounts, or compare it with a text.",
	),
	"TEXT_DIFFERS": _warning(
		"What people read is not what is documented",
		"Repeat the METADATA's title and remediation in the constants `title` and `remediation`.",
	),
	"TEXT_ORDERED": _error(
		"Texts are compared by their letters",
		"Read both sides with amounts.parse of placet/lib/amounts before comparing them.",
	),
	"TO_NUMBER_USED": _error(
		"Amounts are read loosely",
		"Use amounts.parse of placet/lib/amounts, which is undefined for everything but a canonical amount.",
	),
	"WALK_USED": _error(
		"A rule walks over documents",
		"Name the fields that you mean: walk finds a name anywhere, also where a requester put it.",
	),
	"WITH_USED": _error(
		"A rule replaces facts",
		"Take `with` out: it belongs into tests.",
	),
}
