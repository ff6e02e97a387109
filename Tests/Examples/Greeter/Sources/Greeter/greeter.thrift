/** Greets people. */

/** The languages that are spoken. */
enum Language {
  ENGLISH = 1,
  FINNISH = 2,
}

/** Asks for a greeting. */
struct GreetRequest {
  /** Whom to greet: 1 to 100 bytes. */
  1: required string name (vt.min_size = "1", vt.max_size = "100"),
  /** Absent: English. */
  2: optional Language language (vt.defined_only = "true"),
}

/** A greeting. */
struct GreetResponse {
  1: required string text,
}

/** Somebody whom nobody greets. */
exception NotWelcome {
  1: required string name,
}

service Greeter {
  /** Greets somebody. */
  GreetResponse greet(1: GreetRequest request) throws (1: NotWelcome notWelcome) (readonly = "true"),

  /** What `greet` speaks. */
  list<Language> languages() (readonly = "true"),
}
