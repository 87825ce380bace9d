namespace Wspy.Conformance;

/// <summary>A file of expected verdicts: what a peer is known to do, so that a run fails when it does anything else.</summary>
/// <remarks>
/// <para>Immutable and safe from any thread. The file is text: a line for each case or family of cases, with the verdicts that
/// are expected, and after <c>#</c> why. The last line that names a case counts; a case that none names is expected to pass.</para>
/// <code>
/// # what                 verdict
/// 1.4.*                  non-strict              # takes lengths that are not in the fewest bytes
/// 7.7.2                  passed or non-strict    # depends on who is faster
/// </code>
/// </remarks>
public sealed class ExpectedVerdicts
{
    private readonly List<(string Pattern, Verdict[] Verdicts, string Reason)> _lines = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">A line is not as described; the message names it.</exception>
    public static ExpectedVerdicts Read(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var expected = new ExpectedVerdicts();
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string reason = comment < 0 ? "" : line[(comment + 1)..].Trim();
            string[] words = (comment < 0 ? line : line[..comment]).Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            List<Verdict> verdicts = [];
            foreach (string word in words[1..].Where(word => word != "or"))
            {
                verdicts.Add(VerdictNames.TryParse(word, out Verdict verdict) ? verdict
                    : throw new FormatException($"Line {number}: \"{word}\" is no verdict; these are {string.Join(", ", Enum.GetValues<Verdict>().Select(value => value.Name()))}."));
            }

            expected._lines.Add(verdicts.Count > 0 ? (words[0], [.. verdicts], reason) : throw new FormatException($"Line {number}: {words[0]} has no verdict."));
        }

        return expected;
    }

    /// <summary>Writes a file in which each case that did not pass is expected to do that again; families are for a person to find.</summary>
    public static void Write(SuiteResult result, TextWriter writer)
    {
        writer.WriteLine($"# Expected of {result.Peer} ({(result.Role == PeerRole.Server ? "server" : "client")}). Cases that are not named are expected to pass.");
        foreach (CaseResult item in result.Results.Where(item => item.Verdict != Verdict.Passed))
        {
            writer.WriteLine($"{item.Case.Id,-10} {item.Verdict.Name(),-14} # {item.Reason.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The verdicts that are expected of a case.</summary>
    public IReadOnlyList<Verdict> Of(ConformanceCase @case) =>
        _lines.FindLast(line => CaseSelection.Matches(@case, line.Pattern)).Verdicts ?? [Verdict.Passed];

    /// <summary>Each result that is not as expected, better ones included: then the file is to be brought up to date.</summary>
    public IReadOnlyList<CaseResult> Differences(SuiteResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return [.. result.Results.Where(item => !Of(item.Case).Contains(item.Verdict))];
    }

    /// <summary>Patterns that name no case of the catalogue: left over from cases that are gone.</summary>
    public IReadOnlyList<string> Useless(IEnumerable<ConformanceCase> catalogue)
    {
        ConformanceCase[] all = [.. catalogue];
        return [.. _lines.Select(line => line.Pattern).Where(pattern => !Array.Exists(all, @case => CaseSelection.Matches(@case, pattern)))];
    }
}
