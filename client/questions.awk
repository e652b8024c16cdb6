# doc/questions.md as mmp-questions(7).
function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/`/, "", text)
	if (text ~ /^[.']/) text = "\\&" text
	return text
}
function example(want) {
	if (want && !inside) print ".PP\n.EX"
	if (!want && inside) print ".EE"
	inside = want
}
BEGIN {
	print ".TH MMP\\-QUESTIONS 7 \"\" \"mmp " version "\" \"Miscellaneous\"\n.nh\n.ad l"
	print ".SH NAME\nmmp\\-questions \\- what an engineer asks, and the command that answers\n.SH DESCRIPTION"
}
/^# / { next }
/^## / { example(0); print ".SH \"" roff(substr($0, 4)) "\""; next }
/^    \$/ { example(1); match($0, /\$4? /); print "\\fB" roff(substr($0, RSTART)) "\\fR"; next }
/^    / { example(1); sub(/^    /, ""); print "    " roff($0); next }
/^$/ { example(0); next }
/test_questions/ { next }
{ print roff($0) }
END { example(0); print ".SH SEE ALSO\n.BR mmpctl (1),\n.BR mmp\\-config (5),\n.BR mmp\\-findings (7)" }
