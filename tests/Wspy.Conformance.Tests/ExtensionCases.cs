namespace Wspy.Conformance.Tests;

/// <summary>The cases that peers of others are compared by.</summary>
internal static class ExtensionCases
{
    /// <summary>All but those about speed, which measure, and about extensions.</summary>
    public static IReadOnlyList<ConformanceCase> Others { get; } = CaseSelection.Select(ConformanceCatalogue.All, [], ["9", "12"]);

    /// <summary>Section 12.</summary>
    public static IReadOnlyList<ConformanceCase> All { get; } = CaseSelection.Select(ConformanceCatalogue.All, ["12"], []);

    /// <summary>Section 12 in a few seconds: messages with three of ten sets of parameters, and none of those that grow to many MiB.</summary>
    public static IReadOnlyList<ConformanceCase> Sample { get; } = CaseSelection.Select(All, [], ["12.14", "12.15", "12.16", "12.18", "12.19", "12.20", "12.21", "12.38"]);

    /// <summary>Messages that grow to many MiB.</summary>
    public static IReadOnlyList<ConformanceCase> Growing { get; } = CaseSelection.Select(All, ["12.38"], []);
}
