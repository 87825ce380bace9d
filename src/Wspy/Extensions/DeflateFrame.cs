using System.Globalization;

namespace Wspy.Extensions;

/// <summary>Compression of frames: deflate-frame (draft-tyoshino-hybi-websocket-perframe-deflation-06), which older WebKit browsers call x-webkit-deflate-frame.</summary>
/// <remarks>One object serves all connections, from any thread. Its parameters tell the receiver how it must compress, in both directions alike.</remarks>
public sealed class DeflateFrame : Extension
{
    private const string MaxWindowBits = "max_window_bits";
    private const string NoContextTakeover = "no_context_takeover";

    private readonly DeflateFrameOptions _options;

    /// <summary>Creates the extension.</summary>
    /// <param name="options"><see langword="null"/> for the defaults.</param>
    public DeflateFrame(DeflateFrameOptions? options = null) => _options = options ?? new DeflateFrameOptions();

    /// <inheritdoc/>
    public override string Name => "deflate-frame";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Aliases { get; } = ["x-webkit-deflate-frame"];

    /// <inheritdoc/>
    public override ReservedBits ReservedBits => ReservedBits.Rsv1;

    /// <inheritdoc/>
    public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer(Name, Demands())];

    /// <inheritdoc/>
    public override ExtensionAcceptance? Accept(ExtensionOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return CreateInstance(offer)?.Promise(force: false) is { } instance ? new ExtensionAcceptance(new ExtensionOffer(offer.Name, Demands()), instance) : null;
    }

    /// <inheritdoc/>
    public override ExtensionInstance? Confirm(ExtensionOffer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return CreateInstance(answer)?.Promise(force: true);
    }

    // What the peer demands of us, while ours are not repeated by it.
    private DeflateInstance? CreateInstance(ExtensionOffer demanded)
    {
        var parameters = new DeflateParameters(demanded.Parameters);
        bool takeover = !parameters.Flag(NoContextTakeover) && _options.ContextTakeover;
        int window = Math.Min(parameters.Window(MaxWindowBits) ?? 15, Math.Max(_options.MaxWindowBits, _options.MinDeflateWindowBits));
        return parameters.AreValid && window >= _options.MinDeflateWindowBits
            ? new DeflateInstance(this, ExtensionUnit.Frame, _options, window, takeover, _options.PeerMaxWindowBits, _options.PeerContextTakeover)
            : null;
    }

    private List<ExtensionParameter> Demands()
    {
        List<ExtensionParameter> demands = [];
        if (_options.PeerMaxWindowBits < 15)
        {
            demands.Add(new ExtensionParameter(MaxWindowBits, _options.PeerMaxWindowBits.ToString(CultureInfo.InvariantCulture)));
        }

        if (!_options.PeerContextTakeover)
        {
            demands.Add(new ExtensionParameter(NoContextTakeover));
        }

        return demands;
    }
}
