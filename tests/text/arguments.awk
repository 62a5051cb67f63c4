# Prints "FILE: FUNCTION has N arguments" for each declaration or definition of more than `most`.
function report(text,  name, list, n, depth, i, c) {
	gsub(/__attribute__ *\(\(([^()]|\([^()]*\))*\)\)/, " ", text)
	if (text ~ /=|typedef|_Static_assert/ || !match(text, /[a-z_0-9]+ *\(/))
		return
	name = substr(text, RSTART, RLENGTH)
	list = substr(text, RSTART + RLENGTH)
	sub(/ *\($/, "", name)
	n = 1
	depth = 1
	for (i = 1; i <= length(list) && depth > 0; i++) {
		c = substr(list, i, 1)
		depth += (c == "(") - (c == ")")
		n += c == "," && depth == 1
	}
	if (n > most)
		print file ": " name "() has " n " arguments"
}
function finish(  count, i, parts) {
	gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ", all)
	count = length(all)
	text = ""
	depth = 0
	for (i = 1; i <= count; i++) {
		c = substr(all, i, 1)
		if (c == "{" && depth++ == 0 || c == ";" && depth == 0) {
			report(text)
			text = ""
		} else if (c == "}" && --depth == 0) {
			text = ""
		} else if (depth == 0) {
			text = text c
		}
	}
	all = ""
}
FNR == 1 && file != "" { finish() }
FNR == 1 { file = FILENAME; more = 0 }
more || /^#/ { more = /\\$/; next }
{
	gsub(/'\\?.'/, "0")
	gsub(/"([^"\\]|\\.)*"/, "0")
	all = all $0 "\n"
}
END { finish() }
