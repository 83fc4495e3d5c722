// Every sentence of the pages, in both languages side by side. Statement lines and the gate's own reasons are
// not here: they are English everywhere, the same that a token shows, and marked so (lang="en").
#include "texts.h"

namespace sceau::web {
namespace {

constexpr Text kTexts[] = {
    {"skip", "Skip to the content", "Aller au contenu"},
    {"pages", "Pages", "Pages"},
    {"other-name", "Français", "English"},
    {"noscript",
     "These pages need JavaScript, to speak with your security key. The command sceau does without a "
     "browser.",
     "Ces pages ont besoin de JavaScript pour parler à votre clé de sécurité. La commande sceau se passe de "
     "navigateur."},
    {"footer",
     "A key in a browser signs what this page hands it and has no display of its own: compare the request's "
     "digest with what "
     "the requester was told, or use a token that shows what it signs.",
     "Une clé utilisée dans un navigateur signe ce que cette page lui remet et n'a pas d'écran : comparez "
     "l'empreinte de la "
     "demande avec celle reçue par le demandeur, ou utilisez un jeton qui affiche ce qu'il signe."},

    {"login-title", "Log in", "Connexion"},
    {"approve-title", "Approve requests", "Approuver des demandes"},
    {"enrol-title", "Register a key", "Enregistrer une clé"},

    {"login-heading", "Log in with a security key", "Se connecter avec une clé de sécurité"},
    {"login-help",
     "Your key signs a log-in that the ledger keeps. The session lasts as long as this page: reloading it "
     "ends it.",
     "Votre clé signe une connexion que le registre conserve. La session dure autant que cette page : la "
     "recharger y met fin."},
    {"person", "Your identifier", "Votre identifiant"},
    {"person-help", "As the registry has it, for example dave.",
     "Tel qu'il figure au registre, par exemple dave."},
    {"login-button", "Log in", "Se connecter"},
    {"card-heading", "Log in with a smart card", "Se connecter avec une carte à puce"},
    {"card-here",
     "The browser has shown the gate a certificate of your card, or will ask for it. Such a session reads "
     "only: nothing "
     "that it does is signed, so decisions are made with the command below each request.",
     "Le navigateur a présenté à la passerelle un certificat de votre carte, ou le demandera. Une telle "
     "session ne permet que "
     "de lire : rien n'y est signé ; les décisions se prennent avec la commande indiquée sous chaque "
     "demande."},
    {"card-button", "Log in with the card", "Se connecter avec la carte"},
    {"card-elsewhere", "Your browser can use a smart card on another page:",
     "Votre navigateur peut utiliser une carte à puce sur une autre page :"},
    {"card-link", "log in with a smart card", "se connecter avec une carte à puce"},

    {"waiting-heading", "Requests that wait", "Demandes en attente"},
    {"refresh", "Look again", "Actualiser"},
    {"logout", "Log out", "Se déconnecter"},
    {"request-heading", "A request", "Une demande"},
    {"leaves", "What would leave", "Ce qui sortirait"},
    {"leaves-help",
     "By the gate's word: columns with their labels, and how many rows the database expects where it says "
     "so.",
     "Selon la passerelle : les colonnes et leurs étiquettes, et le nombre de lignes prévu par la base quand "
     "elle l'indique."},
    {"earlier", "What the project asked for before", "Ce que le projet a demandé auparavant"},
    {"lines-help",
     "These are the lines that a token with a display would show. They are in English, as everywhere in "
     "Sceau.",
     "Ce sont les lignes qu'afficherait un jeton muni d'un écran. Elles sont en anglais, comme partout dans "
     "Sceau."},
    {"signed-by", "Signed so far by", "Signée jusqu'ici par"},
    {"digest", "Digest of the request (SHA-256)", "Empreinte de la demande (SHA-256)"},
    {"bytes", "The exact bytes", "Les octets exacts"},
    {"bytes-yours", "What you sign", "Ce que vous signez"},
    {"bytes-request", "The request", "La demande"},
    {"approve-button", "Approve with my key", "Approuver avec ma clé"},
    {"refuse-button", "Refuse with my key", "Refuser avec ma clé"},
    {"reason", "Reason for a refusal", "Motif d'un refus"},
    {"refuse-next", "Refuse…", "Refuser…"},
    {"by-card", "With a smart card instead", "Avec une carte à puce"},
    {"by-card-help",
     "A browser cannot have a card sign a statement. This command shows the same lines, and signs with the "
     "card:",
     "Un navigateur ne peut pas faire signer un acte à une carte. Cette commande affiche les mêmes lignes et "
     "signe avec la carte :"},
    {"by-card-link", "open it in a terminal", "l'ouvrir dans un terminal"},
    {"back", "Back to the list", "Retour à la liste"},
    {"done-heading", "Done", "C'est fait"},
    {"record", "Save what you signed, with its receipt", "Enregistrer ce que vous avez signé, avec son reçu"},
    {"record-help", "It proves later what this page handed to your key.",
     "Ce fichier prouvera plus tard ce que cette page a remis à votre clé."},

    {"enrol-heading", "Make a credential on a security key", "Créer un identifiant sur une clé de sécurité"},
    {"enrol-help",
     "The page makes a file with your key's new credential and its maker's attestation. It gives you no "
     "rights: you and two "
     "administrators sign it afterwards.",
     "La page crée un fichier contenant le nouvel identifiant de votre clé et l'attestation de son "
     "fabricant. Il ne donne "
     "aucun droit : vous et deux administrateurs le signez ensuite."},
    {"enrol-person-help", "As an administrator registered you, for example dave.",
     "Tel qu'un administrateur vous a inscrit, par exemple dave."},
    {"one-more",
     "Your key keeps the credentials that it has: this makes one more, which counts once it is enrolled.",
     "Votre clé garde les identifiants qu'elle a : ceci en ajoute un, qui compte une fois inscrit."},
    {"enrol-button", "Make a credential", "Créer l'identifiant"},
    {"enrolled-heading", "Your key is ready to be enrolled", "Votre clé est prête à être inscrite"},
    {"enrolment-file", "Save the enrolment file", "Enregistrer le fichier d'inscription"},
    {"enrolled-help",
     "Bring the file and the key to two administrators. There, your key and theirs sign with:",
     "Apportez le fichier et la clé à deux administrateurs. Votre clé et les leurs y signent avec :"},
};

// What the script says; {…} is filled in by it.
constexpr Text kSpoken[] = {
    {"no-earlier", "Nothing.", "Rien."},
    {"preparing", "Asking the gate…", "La passerelle prépare l'acte…"},
    {"touch", "Touch your key, and give its PIN where the browser asks for it.",
     "Touchez votre clé, et saisissez son code PIN si le navigateur le demande."},
    {"sending", "Sending it to the gate…", "Envoi à la passerelle…"},
    {"logged-in", "You are logged in as {person}.", "Vous êtes connecté en tant que {person}."},
    {"approving", "Approve requests", "Approuver des demandes"},
    {"logged-out", "You are logged out.", "Vous êtes déconnecté."},
    {"read", "Read request {id}", "Lire la demande {id}"},
    {"entry", "{kind}, project {project}, by {by}: {purpose}",
     "{kind}, projet {project}, par {by} : {purpose}"},
    {"erased", "(its content was erased)", "(son contenu a été effacé)"},
    {"count", "{count} waiting.", "{count} en attente."},
    {"nothing", "Nothing waits.", "Rien n'est en attente."},
    {"to-approve", "To approve: request {id}", "À approuver : demande {id}"},
    {"to-release", "To release: the answer of request {id}", "À libérer : la réponse à la demande {id}"},
    {"release-button", "Release these bytes with my key", "Libérer ces octets avec ma clé"},
    {"held", "its answer is in quarantine until {until}", "sa réponse est en quarantaine jusqu'au {until}"},
    {"released", "The answer of request {id} is released; it is {state}.",
     "La réponse à la demande {id} est libérée ; état : {state}."},
    {"to-refuse", "To refuse: request {id}", "À refuser : demande {id}"},
    {"read-first", "Read the lines, then decide.", "Lisez les lignes, puis décidez."},
    {"approved", "Request {id} is approved; it is {state}.",
     "La demande {id} est approuvée ; état : {state}."},
    {"refused", "Request {id} is refused; it is {state}.", "La demande {id} est refusée ; état : {state}."},
    {"done", "Done", "C'est fait"},
    {"state-unknown", "in a state that the gate does not say just now",
     "que la passerelle n'indique pas pour l'instant"},
    {"sent-heading", "Your signature was sent", "Votre signature a été envoyée"},
    {"sent",
     "Your key signed about request {id}, and the gate was sent it. Unless the gate says above that it "
     "refused, it may "
     "count: save it, and look at the list before you sign again.",
     "Votre clé a signé au sujet de la demande {id} et la passerelle a reçu l'envoi. Sauf refus indiqué "
     "ci-dessus, cela "
     "peut compter : enregistrez-le et regardez la liste avant de signer de nouveau."},
    {"enrolled", "Token {serial} of {person} has a credential that policy lets be enrolled.",
     "Le jeton {serial} de {person} a un identifiant que la politique permet d'inscrire."},
    {"made-already",
     "This key has the credential that was made here before: save its file, or load this page again to make "
     "another.",
     "Cette clé a l'identifiant qui vient d'être créé ici : enregistrez son fichier, ou rechargez cette page "
     "pour en créer un autre."},
    {"gate-refused", "The gate said no:", "La passerelle a refusé :"},
    {"no-answer", "The gate does not answer: try again.", "La passerelle ne répond pas : réessayez."},
    {"no-sense", "The gate's answer cannot be read.", "La réponse de la passerelle est illisible."},
    {"inconsistent",
     "What the gate sent does not fit together: nothing was signed. Tell an administrator and an auditor.",
     "Ce que la passerelle a envoyé se contredit : rien n'a été signé. Prévenez un administrateur et un "
     "auditeur."},
    {"not-allowed",
     "Nothing was signed: it was cancelled, took too long, or this key has no credential for here.",
     "Rien n'a été signé : opération annulée, trop longue, ou clé sans identifiant pour ce site."},
    {"wrong-place", "The browser does not let this address use such keys.",
     "Le navigateur n'autorise pas cette adresse à utiliser de telles clés."},
    {"unsuitable",
     "This key cannot make what is needed: a discoverable credential, guarded by a PIN or a fingerprint.",
     "Cette clé ne peut pas créer ce qu'il faut : un identifiant détectable, protégé par un PIN ou une "
     "empreinte."},
    {"defect", "Something went wrong; nothing was signed.", "Une erreur est survenue ; rien n'a été signé."},
    {"defect-after", "Something went wrong after your key had signed.",
     "Une erreur est survenue après la signature de votre clé."},
    {"elsewhere", "Keys work here only under the address https://{host}{port}: open the page there.",
     "Les clés ne fonctionnent ici qu'à l'adresse https://{host}{port} : ouvrez-y la page."},
    {"no-webauthn", "This browser cannot use security keys.",
     "Ce navigateur ne sait pas utiliser les clés de sécurité."},
};

}  // namespace

std::span<const Text> page_texts() { return kTexts; }
std::span<const Text> spoken_texts() { return kSpoken; }

}  // namespace sceau::web
