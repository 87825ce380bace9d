namespace Wspy.Extensions;

/// <summary>What came of a negotiation: the elements of the response's header, and the instances in the same order.</summary>
internal sealed class ExtensionAgreement
{
    private readonly List<ExtensionOffer> _answers = [];
    private readonly List<ExtensionInstance> _instances = [];

    public IReadOnlyList<ExtensionOffer> Answers => _answers;

    /// <summary>In the order in which they work on what is sent (RFC 6455 §9.1): the first one listed comes first.</summary>
    public IReadOnlyList<ExtensionInstance> Instances => _instances;

    /// <summary>A server's choice: each offer in the client's order, by the first extension that takes it and is in nobody's way.</summary>
    public static ExtensionAgreement Choose(IReadOnlyList<ExtensionOffer> offers, IReadOnlyList<Extension> extensions)
    {
        var agreement = new ExtensionAgreement();
        try
        {
            foreach (ExtensionOffer offer in offers)
            {
                foreach (Extension extension in extensions)
                {
                    if (agreement.Admits(extension) && extension.IsNamed(offer.Name) && !agreement.Names(offer.Name) && extension.Accept(offer) is { } acceptance)
                    {
                        agreement.Add(acceptance.Answer, acceptance.Instance);
                        break;
                    }
                }
            }

            return agreement;
        }
        catch
        {
            agreement.Dispose();
            throw;
        }
    }

    /// <summary>A client's judgement of the answers to what it offered (RFC 6455 §4.1, §9.1).</summary>
    /// <returns>Null, and a reason, if the connection must fail.</returns>
    public static ExtensionAgreement? Confirm(IReadOnlyList<ExtensionOffer> answers, IReadOnlyList<Extension> extensions, out ExtensionRefusal refusal)
    {
        var agreement = new ExtensionAgreement();
        try
        {
            foreach (ExtensionOffer answer in answers)
            {
                refusal = agreement.Take(answer, extensions);
                if (refusal != ExtensionRefusal.None)
                {
                    agreement.Dispose();
                    return null;
                }
            }

            refusal = ExtensionRefusal.None;
            return agreement;
        }
        catch
        {
            agreement.Dispose();
            throw;
        }
    }

    /// <summary>For an agreement that leads to no connection.</summary>
    public void Dispose()
    {
        foreach (ExtensionInstance instance in _instances)
        {
            try
            {
                instance.Dispose();
            }
            catch (Exception)
            {
                // There is no connection that it could harm, and the refusal is told, or what was thrown before.
            }
        }

        _instances.Clear();
        _answers.Clear();
    }

    private ExtensionRefusal Take(ExtensionOffer answer, IReadOnlyList<Extension> extensions)
    {
        bool offered = false;
        bool admitted = false;
        foreach (Extension extension in extensions)
        {
            // By the name that was sent: an alias is for servers to understand.
            if (!extension.CreateOffers().Any(offer => offer.Name == answer.Name))
            {
                continue;
            }

            offered = true;
            if (!Admits(extension) || Names(answer.Name))
            {
                continue;
            }

            admitted = true;
            if (extension.Confirm(answer) is { } instance)
            {
                Add(answer, instance);
                return ExtensionRefusal.None;
            }
        }

        return !offered ? ExtensionRefusal.NotOffered : admitted ? ExtensionRefusal.Parameters : ExtensionRefusal.Conflict;
    }

    private bool Admits(Extension extension) =>
        !_instances.Exists(instance => instance.Extension == extension || instance.Extension.ConflictsWith(extension));

    // Several offers of one name are alternatives, also when several extensions go by it.
    private bool Names(string name) => _answers.Exists(answer => answer.Name == name);

    private void Add(ExtensionOffer answer, ExtensionInstance instance)
    {
        _answers.Add(answer);
        _instances.Add(instance);
    }
}

/// <summary>Why a client cannot take a server's answer.</summary>
internal enum ExtensionRefusal
{
    None,

    /// <summary>Nothing of that name was offered.</summary>
    NotOffered,

    /// <summary>The same again, or another one with the same claim.</summary>
    Conflict,

    /// <summary>Its parameters do not fit the offer.</summary>
    Parameters,
}
