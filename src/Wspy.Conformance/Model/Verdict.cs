namespace Wspy.Conformance;

/// <summary>What a case came to. A later value outweighs an earlier one where several things happened in one case.</summary>
public enum Verdict
{
    /// <summary>The peer did what the RFC demands and recommends.</summary>
    Passed,

    /// <summary>The RFC leaves the outcome open; what the peer did is told, not judged.</summary>
    Informational,

    /// <summary>The peer needs something that was not negotiated, or was not asked for; the case did not run.</summary>
    Unsupported,

    /// <summary>Allowed, but not what the RFC recommends, or a mistake of the other end that was noticed late.</summary>
    NonStrict,

    /// <summary>The peer broke the protocol, let the other end break it, or gave no answer in time.</summary>
    Failed,
}

/// <summary>How verdicts are written in reports and in files of expected verdicts.</summary>
public static class VerdictNames
{
    /// <summary>The name of a verdict in reports, such as <c>non-strict</c>.</summary>
    public static string Name(this Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.Informational => "informational",
        Verdict.Unsupported => "unsupported",
        Verdict.NonStrict => "non-strict",
        _ => "failed",
    };

    /// <summary>The verdict of a name; case does not matter.</summary>
    /// <returns>Whether there is a verdict of that name.</returns>
    public static bool TryParse(ReadOnlySpan<char> name, out Verdict verdict)
    {
        foreach (Verdict candidate in Enum.GetValues<Verdict>())
        {
            if (name.Equals(candidate.Name(), StringComparison.OrdinalIgnoreCase))
            {
                verdict = candidate;
                return true;
            }
        }

        verdict = default;
        return false;
    }
}
