using System.Text.RegularExpressions;

namespace Wspy.Tests.Docs;

/// <summary>Finds the fenced blocks of C# in Markdown (CommonMark §4.5).</summary>
internal static partial class Markdown
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <exception cref="FormatException">A fence is not closed, or its language is a spelling of C# under which nothing would be compiled.</exception>
    public static List<Snippet> Snippets(string document, string text)
    {
        List<Snippet> snippets = [];
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            Match open = Fence.Match(lines[i]);
            if (!open.Success)
            {
                continue;
            }

            int first = i + 1;
            string[] words = open.Groups["info"].Value.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            for (i = first; i < lines.Length && !Closes(lines[i], open.Groups["fence"].Value); i++)
            {
            }

            if (i == lines.Length)
            {
                throw new FormatException($"{document}({first}): the fence is never closed");
            }

            string language = words.FirstOrDefault("");
            if (language == "csharp")
            {
                int indent = open.Groups["indent"].Length;
                string code = string.Join('\n', lines[first..i].Select(line => line[Math.Min(indent, line.Length - line.TrimStart(' ').Length)..])) + "\n";
                snippets.Add(new Snippet(document, first + 1, words[1..], code));
            }
            else if (language.StartsWith("csharp", StringComparison.OrdinalIgnoreCase) || language.ToUpperInvariant() is "CS" or "C#")
            {
                throw new FormatException($"{document}({first}): write 'csharp' instead of '{language}', so that the block is compiled");
            }
        }

        return snippets;
    }

    /// <summary>The targets of links that are paths, without their anchors.</summary>
    public static IEnumerable<string> Links(string text) =>
        Link.Matches(Code.Replace(text, ""))
            .Select(match => match.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal));

    private static bool Closes(string line, string fence) => line.Trim() is var end && end.Length >= fence.Length && end.All(character => character == fence[0]);

    [GeneratedRegex(@"^(?<indent> *)(?<fence>`{3,}|~{3,})(?<info>[^`]*)$")]
    private static partial Regex Fence { get; }

    // An inline link, [words](target), with or without a title.
    [GeneratedRegex(@"\]\((?<target>[^)\s]+)[^)]*\)")]
    private static partial Regex Link { get; }

    // Fenced blocks and code spans, in which brackets mean something else.
    [GeneratedRegex(@"^ *(`{3,}|~{3,}).*?^ *\1 *$|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code { get; }
}
