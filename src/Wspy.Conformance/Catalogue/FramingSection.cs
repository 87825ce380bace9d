namespace Wspy.Conformance.Catalogue;

/// <summary>Section 1: lengths and their encodings.</summary>
internal sealed class FramingSection() : CatalogueSection(1, "Framing")
{
    protected override void Define()
    {
        Group(1, "Text", "A message comes back unchanged, whatever form its length takes.", "RFC 6455 §5.2");
        Case("Text").Send(Text("Hello")).Expect(IsText("Hello")).Close();
    }
}
