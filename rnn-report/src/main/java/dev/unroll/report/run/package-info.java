/** What a run leaves while it goes on: its folder, its records, its provenance, how far it is. */
@NullMarked
package dev.unroll.report.run;

import org.jspecify.annotations.NullMarked;
