using Wspy.Conformance.Catalogue;

namespace Wspy.Conformance;

/// <summary>All cases.</summary>
public static class ConformanceCatalogue
{
    private static readonly CatalogueSection[] Sections =
    [
        new FramingSection(),
        new PingSection(),
        new ReservedBitSection(),
        new ReservedOpcodeSection(),
        new FragmentationSection(),
        new Utf8Section(),
        new ClosingSection(),
        new MaskingSection(),
        new SpeedSection(),
        new OpeningSection(),
        new ClientOpeningSection(),
        new ResourceSection(),
        new ExtensionSection(),
    ];

    /// <summary>All cases, in order.</summary>
    public static IReadOnlyList<ConformanceCase> All { get; } = [.. Sections.SelectMany(section => section.Build())];
}
