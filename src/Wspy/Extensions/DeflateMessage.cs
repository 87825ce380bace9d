using System.Globalization;

namespace Wspy.Extensions;

/// <summary>Compression of messages: permessage-deflate (RFC 7692).</summary>
/// <remarks>One object serves all connections, from any thread.</remarks>
public sealed class DeflateMessage : Extension
{
    private const string ServerNoContextTakeover = "server_no_context_takeover";
    private const string ClientNoContextTakeover = "client_no_context_takeover";
    private const string ServerMaxWindowBits = "server_max_window_bits";
    private const string ClientMaxWindowBits = "client_max_window_bits";

    private readonly DeflateMessageOptions _options;

    /// <summary>Creates the extension.</summary>
    /// <param name="options"><see langword="null"/> for the defaults.</param>
    public DeflateMessage(DeflateMessageOptions? options = null) => _options = options ?? new DeflateMessageOptions();

    /// <inheritdoc/>
    public override string Name => "permessage-deflate";

    /// <inheritdoc/>
    public override ReservedBits ReservedBits => ReservedBits.Rsv1;

    // What cannot be kept to is not offered (§7.1.2.2): without the parameter a server may ask for no smaller window.
    private bool LetsServerLimitWindow => _options.MinDeflateWindowBits < 15;

    /// <inheritdoc/>
    public override IReadOnlyList<ExtensionOffer> CreateOffers()
    {
        List<ExtensionParameter> parameters = [];
        AddFlag(parameters, ServerNoContextTakeover, !_options.ServerContextTakeover);
        AddFlag(parameters, ClientNoContextTakeover, !_options.ClientContextTakeover);
        AddWindow(parameters, ServerMaxWindowBits, _options.ServerMaxWindowBits);
        if (LetsServerLimitWindow)
        {
            parameters.Add(new ExtensionParameter(ClientMaxWindowBits, _options.ClientMaxWindowBits < 15 ? Text(_options.ClientMaxWindowBits) : null));
        }

        return [new ExtensionOffer(Name, parameters)];
    }

    /// <inheritdoc/>
    public override ExtensionAcceptance? Accept(ExtensionOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        var parameters = new DeflateParameters(offer.Parameters);
        bool serverTakeover = !parameters.Flag(ServerNoContextTakeover) && _options.ServerContextTakeover;
        bool clientTakeover = !parameters.Flag(ClientNoContextTakeover) && _options.ClientContextTakeover;
        int? offeredWindow = parameters.Window(ServerMaxWindowBits);
        int serverWindow = Math.Min(offeredWindow ?? 15, Math.Max(_options.ServerMaxWindowBits, _options.MinDeflateWindowBits));
        int clientWindow = parameters.Window(ClientMaxWindowBits, out bool mayLimitClient, mayBeBare: true) ?? 15;
        if (!parameters.AreValid || serverWindow < _options.MinDeflateWindowBits)
        {
            return null;
        }

        List<ExtensionParameter> answer = [];
        AddFlag(answer, ServerNoContextTakeover, !serverTakeover);
        AddFlag(answer, ClientNoContextTakeover, !clientTakeover);

        // §7.1.2.1: who accepts an offer with this parameter answers with it, whatever its value is.
        if (offeredWindow is not null || serverWindow < 15)
        {
            answer.Add(new ExtensionParameter(ServerMaxWindowBits, Text(serverWindow)));
        }

        // §7.1.2.2: only a client that offers this parameter can be limited.
        if (mayLimitClient)
        {
            clientWindow = Math.Min(clientWindow, _options.ClientMaxWindowBits);
            AddWindow(answer, ClientMaxWindowBits, clientWindow);
        }

        return new DeflateInstance(this, ExtensionUnit.Message, _options, serverWindow, serverTakeover, clientWindow, clientTakeover).Promise(force: false) is { } instance
            ? new ExtensionAcceptance(new ExtensionOffer(offer.Name, answer), instance)
            : null;
    }

    /// <inheritdoc/>
    public override ExtensionInstance? Confirm(ExtensionOffer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var parameters = new DeflateParameters(answer.Parameters);
        bool serverTakeover = !parameters.Flag(ServerNoContextTakeover);
        bool clientTakeover = !parameters.Flag(ClientNoContextTakeover) && _options.ClientContextTakeover;
        int serverWindow = parameters.Window(ServerMaxWindowBits) ?? 15;
        int? clientWindow = parameters.Window(ClientMaxWindowBits);

        // §7.1.1.1, §7.1.2.1: who accepts these says so. §7.1.2.2: none may be asked for that was not offered.
        return !parameters.AreValid
            || (serverTakeover && !_options.ServerContextTakeover)
            || serverWindow > _options.ServerMaxWindowBits
            || (clientWindow is not null && !LetsServerLimitWindow)
            ? null
            : new DeflateInstance(this, ExtensionUnit.Message, _options, Math.Min(clientWindow ?? 15, Math.Max(_options.ClientMaxWindowBits, _options.MinDeflateWindowBits)), clientTakeover, serverWindow, serverTakeover).Promise(force: true);
    }

    private static void AddFlag(List<ExtensionParameter> parameters, string name, bool condition)
    {
        if (condition)
        {
            parameters.Add(new ExtensionParameter(name));
        }
    }

    private static void AddWindow(List<ExtensionParameter> parameters, string name, int bits)
    {
        if (bits < 15)
        {
            parameters.Add(new ExtensionParameter(name, Text(bits)));
        }
    }

    private static string Text(int bits) => bits.ToString(CultureInfo.InvariantCulture);
}
