/** Text for people: Markdown, pages made from it, and the generated parts of other files. */
@NullMarked
package dev.unroll.report.page;

import org.jspecify.annotations.NullMarked;
