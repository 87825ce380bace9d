using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 9: large messages, whole and in fragments. Rates are told and not judged.</summary>
internal sealed class SpeedSection() : CatalogueSection(9, "Sizes and speed")
{
    private const string Purpose = "Each message comes back unchanged; the rate is told, and not judged.";
    private const int Ki = 1024;
    private const int Mi = 1024 * 1024;

    protected override void Define()
    {
        foreach ((int group, Opcode opcode, string name) in ((int, Opcode, string)[])[(1, Opcode.Text, "Text"), (2, Opcode.Binary, "Binary")])
        {
            Group(group, $"{name} in one frame", Purpose, "RFC 6455 §5.2");
            foreach (int size in (int[])[64 * Ki, 256 * Ki, Mi, 4 * Mi, 8 * Mi, 16 * Mi])
            {
                Measured($"{name} of {Name(size)}", opcode, size, size, Math.Max(1, Mi / size));
            }
        }

        foreach ((int group, Opcode opcode, string name) in ((int, Opcode, string)[])[(3, Opcode.Text, "Text"), (4, Opcode.Binary, "Binary")])
        {
            Group(group, $"{name} in fragments", Purpose, "RFC 6455 §5.4");
            foreach (int fragment in (int[])[256, Ki, 4 * Ki, 64 * Ki, 256 * Ki, Mi])
            {
                Measured($"{name} of 4 MiB in fragments of {Name(fragment)}", opcode, 4 * Mi, fragment, 1);
            }

            Measured($"{name} of 16 MiB in fragments of 64 KiB", opcode, 16 * Mi, 64 * Ki, 1);
        }

        foreach ((int group, Opcode opcode, string name) in ((int, Opcode, string)[])[(5, Opcode.Text, "Text"), (6, Opcode.Binary, "Binary")])
        {
            Group(group, $"{name}, one message after the other", Purpose, "RFC 6455 §5.6");
            foreach (int size in (int[])[0, 16, 64, 256, Ki, 4 * Ki, 16 * Ki, 64 * Ki])
            {
                Measured($"1,000 messages of {Name(size)}", opcode, size, Math.Max(1, size), 1000);
            }
        }
    }

    private void Measured(string title, Opcode opcode, int size, int fragment, int times)
    {
        Payload payload = opcode == Opcode.Text ? Payload.Letters(size) : Payload.Pattern(size);
        Case(title).Then(new RoundTripStep(Fragments(opcode, payload, fragment), new MessageIs(opcode, payload), times)).Close().Alone().Within(TimeSpan.FromSeconds(60));
    }

    private static string Name(int size) => size >= Mi ? $"{size / Mi} MiB" : size >= Ki ? $"{size / Ki} KiB" : $"{size} bytes";
}
