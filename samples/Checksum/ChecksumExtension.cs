using System.Globalization;
using Wspy;
using Wspy.Extensions;

namespace Checksum;

/// <summary>
/// x-checksum: behind each message come four bytes, the CRC-32C of it, and RSV2 says so. Messages shorter than <c>min_size</c> go without;
/// the client proposes that size, and the server may raise it.
/// </summary>
/// <param name="minSize">In bytes.</param>
public sealed class ChecksumExtension(int minSize = 0) : Extension
{
    private const string MinSize = "min_size";

    public override string Name => "x-checksum";

    // permessage-deflate has RSV1, so a connection may have both.
    public override ReservedBits ReservedBits => ReservedBits.Rsv2;

    // A client's side: what it asks for.
    public override IReadOnlyList<ExtensionOffer> CreateOffers() => [With(minSize)];

    // A server's side: null declines, and the connection goes on without.
    public override ExtensionAcceptance? Accept(ExtensionOffer offer) =>
        Read(offer) is { } asked && Math.Max(asked, minSize) is var agreed ? new ExtensionAcceptance(With(agreed), new ChecksumInstance(this, agreed)) : null;

    // A client's side again: null for what answers something else than was asked, and the connection fails.
    public override ExtensionInstance? Confirm(ExtensionOffer answer) =>
        Read(answer) is { } agreed && agreed >= minSize ? new ChecksumInstance(this, agreed) : null;

    private ExtensionOffer With(int size) => new(Name, new ExtensionParameter(MinSize, size.ToString(CultureInfo.InvariantCulture)));

    // RFC 6455 §9.1: an offer with a parameter that is unknown, missing or has no meaning is none of ours.
    private static int? Read(ExtensionOffer offer) =>
        offer.Parameters is [{ Name: MinSize, Value: var value }] && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : null;
}
