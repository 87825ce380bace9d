using System.Buffers;
using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

/// <summary>An extension that throws as soon as it has something to do, in one of the two directions, and does nothing in the other.</summary>
internal sealed class FailingExtension(bool whenSending) : Extension
{
    public override string Name => "failing";

    public override ReservedBits ReservedBits => ReservedBits.Rsv1;

    public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer(Name)];

    public override ExtensionAcceptance? Accept(ExtensionOffer offer) => new(new ExtensionOffer(Name), new Failing(this, whenSending));

    public override ExtensionInstance? Confirm(ExtensionOffer answer) => new Failing(this, whenSending);

    private sealed class Failing(Extension extension, bool whenSending) : ExtensionInstance(extension)
    {
        public override ExtensionUnit Unit => ExtensionUnit.Message;

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => !whenSending;

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end) =>
            throw new InvalidOperationException("while receiving");

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => whenSending ? ReservedBits.Rsv1 : ReservedBits.None;

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => throw new InvalidOperationException("while sending");
    }
}
