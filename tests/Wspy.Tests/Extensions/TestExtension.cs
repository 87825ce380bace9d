using System.Buffers;
using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

/// <summary>An extension that takes any parameters but <c>no</c>, and turns over the bits of each byte with its number.</summary>
internal sealed class TestExtension(string name, ReservedBits bits = ReservedBits.None, params Opcode[] opcodes) : Extension
{
    public override string Name => name;

    public override ReservedBits ReservedBits => bits;

    public override IReadOnlyList<Opcode> Opcodes => opcodes;

    public ExtensionUnit Unit { get; init; }

    public byte Number { get; init; } = 0xFF;

    public TimeSpan IdleTime { get; init; } = Timeout.InfiniteTimeSpan;

    public object? SharedForm { get; init; }

    public List<TestInstance> Instances { get; } = [];

    public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer(name, new ExtensionParameter("first")), new ExtensionOffer(name)];

    public override ExtensionAcceptance? Accept(ExtensionOffer offer) =>
        offer.Parameters.Any(parameter => parameter.Name == "no") ? null : new ExtensionAcceptance(offer, Create());

    public override ExtensionInstance? Confirm(ExtensionOffer answer) => answer.Parameters.Any(parameter => parameter.Name == "no") ? null : Create();

    private TestInstance Create()
    {
        Instances.Add(new TestInstance(this));
        return Instances[^1];
    }
}

/// <summary>Keeps the size, and undoes itself.</summary>
internal sealed class TestInstance(TestExtension extension) : ExtensionInstance(extension)
{
    public bool IsDisposed { get; private set; }

    /// <summary>What was called when, as seen by the side that sends.</summary>
    public List<string> Sending { get; } = [];

    public override ExtensionUnit Unit => extension.Unit;

    public override TimeSpan IdleTime => extension.IdleTime;

    public override object? SharedForm => extension.SharedForm;

    public override void ReleaseIdle() => Sending.Add("release");

    public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => reserved != 0;

    public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
    {
        written = Math.Min(input.Length, output.Length);
        Turn(input[..written], output);
        input = input[written..];
        return input.IsEmpty ? ExtensionStatus.NeedsInput : ExtensionStatus.NeedsOutput;
    }

    public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end)
    {
        Sending.Add("begin");
        return extension.ReservedBits;
    }

    public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end)
    {
        Turn(input, output.GetSpan(input.Length));
        output.Advance(input.Length);
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        Sending.Add("dispose");
        base.Dispose(disposing);
    }

    private void Turn(ReadOnlySpan<byte> input, Span<byte> output)
    {
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = (byte)(input[i] ^ extension.Number);
        }
    }
}
