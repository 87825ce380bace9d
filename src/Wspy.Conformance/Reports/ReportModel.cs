using System.Text.Json.Serialization;

namespace Wspy.Conformance.Reports;

/// <summary>A report as JSON. Changes to it are changes to a public format.</summary>
internal sealed record ReportModel(string Suite, string Peer, string Role, DateTimeOffset Started, double Seconds, Dictionary<string, int> Verdicts, IReadOnlyList<ReportCase> Cases)
{
    public static ReportModel From(SuiteResult result, int bytesPerEntry) => new(
        "Wspy conformance 1",
        result.Peer,
        result.Role == PeerRole.Server ? "server" : "client",
        result.Started,
        Math.Round(result.Duration.TotalSeconds, 3),
        Enum.GetValues<Verdict>().ToDictionary(verdict => verdict.Name(), result.Count),
        [.. result.Results.Select(item => ReportCase.From(item, bytesPerEntry))]);
}

internal sealed record ReportCase(
    string Id, int Section, string SectionTitle, string Group, string Title, string Purpose, string Rfc, string Verdict, string Reason,
    double Milliseconds, IReadOnlyList<string> Script, IReadOnlyList<string> Happened, IReadOnlyList<ReportEntry> Wire)
{
    public static ReportCase From(CaseResult result, int bytesPerEntry) => new(
        result.Case.Id, result.Case.Section, result.Case.SectionTitle, result.Case.Group, result.Case.Title, result.Case.Purpose, result.Case.Rfc, result.Verdict.Name(), result.Reason,
        Math.Round(result.Duration.TotalMilliseconds, 1),
        [.. result.Case.Script],
        Capped(result.Happened),
        [.. result.Wire.Select(entry => ReportEntry.From(entry, bytesPerEntry))]);

    private static IReadOnlyList<string> Capped(IReadOnlyList<string> items)
    {
        const int Most = 100;
        return items.Count <= Most ? items : [.. items.Take(Most), $"and {items.Count - Most:N0} more"];
    }
}

internal sealed record ReportEntry(double Ms, string Way, long Size, string Hex, string Text)
{
    public static ReportEntry From(WireEntry entry, int bytes) => new(
        Math.Round(entry.At.TotalMilliseconds, 2),
        entry.Direction switch { WireDirection.Sent => "sent", WireDirection.Received => "received", _ => "remark" },
        entry.Size,
        Convert.ToHexStringLower(entry.Bytes.Span[..Math.Min(bytes, entry.Bytes.Length)]),
        entry.Text);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReportModel))]
internal sealed partial class ReportJson : JsonSerializerContext;
