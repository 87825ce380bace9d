using System.CommandLine;

namespace Wspy.Tool.Tls;

/// <summary>The options <c>--tls</c> and <c>--tls-password</c> of a command that listens.</summary>
internal sealed class TlsOptions
{
    /// <param name="what">What it does with TLS, such as "Serve https:// and wss://".</param>
    public TlsOptions(string what)
    {
        Certificate = new("--tls")
        {
            Description = $"{what} with the certificate and key of this PKCS #12 file. Without a file, with a self-signed development certificate, made when it is first needed.",
            HelpName = "cert.pfx",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Certificate.AcceptExistingOnly();
    }

    public Option<FileInfo> Certificate { get; }

    public Option<string?> Password { get; } = new("--tls-password")
    {
        Description = "The password of that file.",
        HelpName = "password",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Certificate);
        command.Options.Add(Password);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Password) is not null && result.GetValue(Certificate) is null)
            {
                result.AddError("--tls-password needs --tls with a file.");
            }
        });
    }

    public TlsSettings Read(ParseResult parsed) => new()
    {
        IsOn = parsed.GetResult(Certificate) is not null,
        File = parsed.GetValue(Certificate),
        Password = parsed.GetValue(Password),
    };
}
