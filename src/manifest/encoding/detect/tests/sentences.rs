//! Sentences as notes of a CRM have them, by language.

pub const RUSSIAN: &[&str] = &[
    "Клиент просил перезвонить в понедельник после обеда",
    "Отправили коммерческое предложение, ждём ответа до пятницы",
    "Договор подписан, оригинал передан в бухгалтерию",
    "Позвонить ещё раз и уточнить объём поставки",
    "Встреча прошла хорошо, обсудили скидку и сроки",
    "ООО «Ромашка» не оплатило счёт № 45 за март",
    "Менеджер выслал образцы тканей курьером",
    "Заказчик недоволен качеством упаковки, требует замену",
    "Нужно подготовить акт сверки за второй квартал",
    "Директор в отпуске, решение примут после праздников",
    "Цена выросла на 12 % – согласовать с отделом закупок",
    "СРОЧНО! Отгрузить всё до конца недели",
    "Фёдор Щукин попросил юридический адрес и чертежи",
    "Эта сделка закрыта, товар получен без замечаний",
    "Подъезд к складу только с улицы Южной, пропуск у охраны",
];
pub const UKRAINIAN: &[&str] = &[
    "Клієнт просив передзвонити у понеділок після обіду",
    "Надіслали комерційну пропозицію, чекаємо на відповідь",
    "Договір підписано, оригінал передано до бухгалтерії",
    "Зателефонувати ще раз та уточнити обсяг поставки",
    "Зустріч пройшла добре, обговорили знижку й терміни",
    "Компанія «Мрія» не сплатила рахунок № 12 за квітень",
    "Їхній директор у відпустці, рішення буде згодом",
    "Замовник незадоволений якістю пакування",
    "Потрібно підготувати звіт за другий квартал",
    "Ціна зросла, узгодити з відділом закупівель",
];
pub const GERMAN: &[&str] = &[
    "Der Kunde bittet um Rückruf am nächsten Montag",
    "Angebot wurde verschickt, Antwort bis Freitag möglich",
    "Die Verträge sind unterschrieben und geprüft",
    "Bitte die Lieferadresse überprüfen, Straße fehlt",
    "Herr Müller wünscht größere Mengen für März",
    "Das Gespräch verlief gut, über Rabatte später mehr",
    "Rechnung für die Schläuche ist noch nicht bezahlt",
    "Geschäftsführer im Urlaub, Entscheidung vermutlich Anfang Juli",
    "Ware wurde beschädigt geliefert, Ersatz nötig",
    "Wir müssen die Öffnungszeiten der Filiale klären",
];
pub const FRENCH: &[&str] = &[
    "Le client a demandé à être rappelé lundi après le déjeuner",
    "Devis envoyé, réponse attendue d'ici à vendredi",
    "Le contrat est signé, l'original a été transmis à la comptabilité",
    "Rappeler pour préciser la quantité et le délai de livraison",
    "La réunion s'est bien passée, nous avons parlé de la remise",
    "Facture impayée depuis février, relancer la société",
    "Le gérant est en congé jusqu'à la fin du mois d'août",
    "Où faut-il livrer les pièces détachées ? Même adresse",
    "Problème de qualité constaté à la réception, remplacement prévu",
    "Le responsable des achats préfère un règlement à trente jours",
];
pub const POLISH: &[&str] = &[
    "Klient prosił o telefon w poniedziałek po południu",
    "Wysłano ofertę handlową, czekamy na odpowiedź do piątku",
    "Umowa podpisana, oryginał przekazano do księgowości",
    "Zadzwonić jeszcze raz i ustalić wielkość dostawy",
    "Spotkanie przebiegło dobrze, omówiono zniżkę i terminy",
    "Spółka nie zapłaciła faktury za styczeń",
    "Prezes jest na urlopie, decyzja zapadnie w październiku",
    "Zgłoszono uszkodzenie części, potrzebna wymiana",
    "Proszę sprawdzić, czy łożyska są już w magazynie",
    "Źle wypełniony wniosek, należy go poprawić",
];
pub const CZECH: &[&str] = &[
    "Zákazník žádá, abychom mu zavolali v pondělí odpoledne",
    "Nabídka byla odeslána, čekáme na odpověď do pátku",
    "Smlouva je podepsaná, originál má účetní oddělení",
    "Schůzka proběhla dobře, řešili jsme slevu a termíny",
    "Faktura za březen není stále zaplacena",
    "Ředitel je na dovolené, rozhodnutí přijde později",
];
pub const SPANISH: &[&str] = &[
    "El cliente pidió que lo llamáramos el lunes después de comer",
    "Se envió la cotización, esperamos respuesta mañana",
    "El contrato está firmado y pasó a contabilidad",
    "La reunión salió bien, también hablamos del descuento",
    "Todavía no pagaron la factura de este año",
    "¿Cuándo llegará el próximo envío a la dirección nueva?",
];
