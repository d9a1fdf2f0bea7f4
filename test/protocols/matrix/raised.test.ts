/** Raised text in raised text: nobody writes it, and each level would look at all of it again. */
import { expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { fromHtml } from "../../../src/protocols/matrix/from-html.ts";

it.each(["sup", "sub"])("%s has one level, in text and in code", (tag) => {
  const nested = `<${tag}>`.repeat(3_000) + "a b" + `</${tag}>`.repeat(3_000);
  for (const html of [nested, `<code>${nested}</code>`, `<${tag}><b>${nested}</b></${tag}>`]) {
    const said = toText(fromHtml(html));
    expect(said).toBe(tag === "sup" ? "^(a b)" : "_(a b)");
  }
  expect(toText(fromHtml(`x<${tag}>k l</${tag}> y<${tag}>m n</${tag}>`))).toBe(
    tag === "sup" ? "x^(k l) y^(m n)" : "x_(k l) y_(m n)",
  );
});
