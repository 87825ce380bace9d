using System.IO.Enumeration;

namespace Wspy.Conformance;

/// <summary>Chooses cases by id, by section or group, or by a glob.</summary>
/// <remarks>Stateless, and safe from any thread.</remarks>
public static class CaseSelection
{
    /// <summary>Chooses cases.</summary>
    /// <param name="cases">Those to choose from; the order stays.</param>
    /// <param name="include">Each an id (<c>5.1.12</c>), a section (<c>5</c>), a group (<c>5.1</c>), or a glob over ids (<c>*.1.?</c>); none for all.</param>
    /// <param name="exclude">The same, for those that are left out.</param>
    /// <exception cref="ArgumentException">Something chooses nothing, which is a mistake in writing.</exception>
    public static IReadOnlyList<ConformanceCase> Select(IEnumerable<ConformanceCase> cases, IReadOnlyList<string> include, IReadOnlyList<string> exclude)
    {
        ConformanceCase[] all = [.. cases];
        if (include.Concat(exclude).FirstOrDefault(pattern => !Array.Exists(all, @case => Matches(@case, pattern))) is { } useless)
        {
            throw new ArgumentException($"No case is called {useless}. Ids are such as 5.1.12, sections such as 5, groups such as 5.1, globs such as 5.*.1.");
        }

        return [.. all.Where(@case => (include.Count == 0 || include.Any(pattern => Matches(@case, pattern))) && !exclude.Any(pattern => Matches(@case, pattern)))];
    }

    /// <summary>Whether a case is meant by an id, a section, a group or a glob.</summary>
    public static bool Matches(ConformanceCase @case, string pattern) =>
        @case.Id == pattern
        || @case.Id.StartsWith($"{pattern}.", StringComparison.Ordinal)
        || (pattern.AsSpan().IndexOfAny('*', '?') >= 0 && FileSystemName.MatchesSimpleExpression(pattern, @case.Id, ignoreCase: false));
}
